"""Which files rooms take: the content has to be what the ending says."""

import subprocess
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import pytest

from recordings.media.ffmpeg import binary
from rooms.exceptions import TypeMismatch, TypeNotAllowed
from rooms.filetypes import content_type_of

OFFICE = "application/vnd.openxmlformats-officedocument"


def archive(*parts: str, first: tuple[str, str] | None = None) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w", ZIP_STORED) as made:
        if first:
            made.writestr(ZipInfo(first[0]), first[1])
        for part in parts:
            made.writestr(ZipInfo(part), "x" * 9000)
    return content.getvalue()


def medium(ending: str, *options: str) -> bytes:
    """Let ffmpeg make a tenth of a second of sound, or of picture."""
    source = ["-f", "lavfi", "-i", "sine=d=0.1"] if "-vn" in options else ["-f", "lavfi", "-i", "testsrc=d=0.1:s=32x32"]
    command = [binary(), "-v", "error", "-y", *source, *options, f"pipe:1.{ending}"]
    command[-1:] = ["-f", FORMATS.get(ending, ending), "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


FORMATS = {"m4a": "ipod", "mkv": "matroska", "opus": "ogg", "png": "image2pipe", "jpg": "image2pipe"}
FRAGMENTED = ("-movflags", "frag_keyframe+empty_moov")

MADE = {
    "a.txt": (b"Plain words.\r\n\tTabbed.\f\n", "text/plain"),
    "a.TXT": ("Слова".encode("cp1251"), "text/plain"),
    "b.txt": ("Wörter".encode("utf-16"), "text/plain"),
    "c.txt": (b"", "text/plain"),
    "d.txt": (b"BM is how a bitmap begins, MZ a program, ID3 a song. <3", "text/plain"),
    "a.csv": (b"a;b\n1;2\n", "text/csv"),
    "a.md": (b"# Title\n\nSome <b>bold</b> words.\n", "text/markdown"),
    "a.pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf"),
    "a.gif": (b"GIF89a\x01\x00\x01\x00", "image/gif"),
    "a.webp": (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
    "a.zip": (archive("a.txt"), "application/zip"),
    "b.zip": (archive("[Content_Types].xml", "word/document.xml"), "application/zip"),
    "a.docx": (archive("[Content_Types].xml", "docProps/thumbnail.jpeg", "word/document.xml"), None),
    "a.xlsx": (archive("[Content_Types].xml", "xl/workbook.xml"), f"{OFFICE}.spreadsheetml.sheet"),
    "a.pptx": (archive("_rels/.rels", "ppt/presentation.xml"), f"{OFFICE}.presentationml.presentation"),
    "a.odt": (
        archive("content.xml", first=("mimetype", "application/vnd.oasis.opendocument.text")),
        "application/vnd.oasis.opendocument.text",
    ),
}
MADE["a.docx"] = (MADE["a.docx"][0], f"{OFFICE}.wordprocessingml.document")

MEDIA = [
    ("png", ("-frames:v", "1", "-c:v", "png"), "image/png"),
    ("jpg", ("-frames:v", "1", "-c:v", "mjpeg"), "image/jpeg"),
    ("mp4", FRAGMENTED, "video/mp4"),
    ("mov", FRAGMENTED, "video/quicktime"),
    ("webm", (), "video/webm"),
    ("mkv", (), "video/x-matroska"),
    ("avi", (), "video/x-msvideo"),
    ("mp3", ("-vn",), "audio/mpeg"),
    ("wav", ("-vn",), "audio/wav"),
    ("flac", ("-vn",), "audio/flac"),
    ("ogg", ("-vn",), "audio/ogg"),
    ("m4a", ("-vn", *FRAGMENTED), "audio/mp4"),
]


@pytest.fixture
def typed(tmp_path):
    def typed(name: str, content: bytes) -> str:
        path = tmp_path / "file"
        path.write_bytes(content)
        return content_type_of(name, path)

    return typed


@pytest.mark.parametrize("name", MADE)
def test_file_that_is_what_it_says(typed, name):
    content, content_type = MADE[name]

    assert typed(name, content) == content_type


@pytest.mark.parametrize(("ending", "options", "content_type"), MEDIA, ids=[row[0] for row in MEDIA])
def test_picture_sound_or_video_as_programs_make_it(typed, ending, options, content_type):
    assert typed(f"a.{ending}", medium(ending, *options)) == content_type


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "a.exe",
        "a.html",
        "a.svg",
        "a.js",
        "a.sh",
        "a.php",
        "a.bat",
        "a.jar",
        "a.docm",
        "a.pdf.exe",
        "a.",
        "_htaccess",
    ],
)
def test_ending_that_is_not_taken(typed, name):
    with pytest.raises(TypeNotAllowed):
        typed(name, b"Plain words.")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"MZ\x90\x00" + bytes(100)),
        ("a.pdf", b"\x7fELF" + bytes(100)),
        ("a.pdf", b"Plain words."),
        ("a.pdf", b""),
        ("a.png", b"GIF89a\x01\x00\x01\x00"),
        ("a.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.mp3", b"RIFF\x00\x00\x00\x00WEBPVP8 "),
        ("a.docx", archive("a.txt")),
        ("a.docx", archive("[Content_Types].xml", "xl/workbook.xml")),
        ("a.docx", b"PK\x03\x04"),
        ("a.odt", archive("[Content_Types].xml", "word/document.xml")),
        ("a.zip", b"Rar!\x1a\x07\x00"),
        ("a.txt", b"MZ\x90\x00" + bytes(100)),
        ("a.txt", b"words" * 10_000 + b"\x00"),
        ("a.txt", b"#!/bin/sh\nrm -rf /"),
        ("a.txt", b"%!PS-Adobe-3.0"),
        ("a.txt", b"%PDF-1.7 in letters alone"),
        ("a.txt", b"\xef\xbb\xbf \n<!DOCTYPE html>"),
        ("a.md", b"<html><script>alert(1)</script>"),
        ("a.csv", b"<?php echo 1;"),
        ("a.csv", b"  <SVG onload=alert(1)>"),
        ("a.txt", "<script>".encode("utf-16")),
        ("a.txt", b"\xff\xfe\x00\xd8x\x00"),
    ],
)
def test_content_that_is_something_else(typed, name, content):
    with pytest.raises(TypeMismatch):
        typed(name, content)
