"""Adding a recording through the page, and what the page says when that does not work."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import expect_to_complete, start_of
from tests.system.people import demo_track
from tests.system.processes import wait_until

SECONDS = 12
BYTES_PER_SECOND = 100_000
UPLOAD = "/meetings/import"


@pytest.fixture
def import_page(demo_page) -> Page:
    demo_page.goto("/app/import")
    return demo_page


def slow_down(page: Page) -> None:
    """Make the line as slow as a poor one, so that an upload takes its time."""
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": BYTES_PER_SECOND},
    )


def sound(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


WORDS = sound("ben.mp3", b"These are words, not sound.\n")


def choose(page: Page, *files: dict) -> None:
    page.get_by_label("choose them").set_input_files(list(files))


def file_row(page: Page, name: str):
    return page.locator(".file", has_text=name)


def wait_for_part_of_upload(page: Page) -> None:
    page.wait_for_function(
        "() => { const share = document.querySelector('#upload-bar').value; return 0 < share && share < 100; }"
    )


def test_two_files_become_a_transcript_with_the_right_names(import_page, demo_sign_in):
    page = import_page
    choose(page, sound("anna.ogg", demo_track("anna.flac", SECONDS)), sound("b.ogg", demo_track("ben.flac", SECONDS)))
    page.get_by_label("Title").fill("Good morning")
    expect(file_row(page, "anna.ogg").get_by_label("Speaker")).to_have_value("Anna")
    file_row(page, "b.ogg").get_by_label("Speaker").fill("Benjamin")
    file_row(page, "b.ogg").get_by_label("Starts after").fill("20.25")
    slow_down(page)

    page.get_by_role("button", name="Upload and recognise").click()
    wait_for_part_of_upload(page)
    expect(page.locator("#upload-percent")).to_have_text(re.compile(r"^\d+%$"))
    expect(page.locator("#upload-facts")).to_have_text(re.compile(r"^\d.* of \d"))
    page.wait_for_url("**/m/*")
    meeting = page.locator("#meeting")
    expect(meeting.get_by_role("heading", level=1)).to_have_text("Good morning")
    expect_to_complete(page)

    lines = page.locator(".line")
    names = lines.locator(".line-speaker").all_text_contents()
    assert sorted(set(names)) == ["Anna", "Benjamin"]
    assert names == sorted(names), "Benjamin begins after Anna has ended"
    expect(lines.first.locator(".line-text")).to_contain_text("thank you for joining the meeting")
    assert 20.25 <= start_of(lines.nth(names.index("Benjamin"))) < 20.25 + SECONDS
    expect(page.locator(".meeting-facts").first).to_contain_text("32 s")


def test_files_may_be_dropped(import_page):
    page = import_page
    # Only a script can make a drop; the page receives the same event as from a hand.
    page.locator("#drop").evaluate("""drop => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(["sound"], "carl.ogg"));
        drop.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }""")

    expect(file_row(page, "carl.ogg").get_by_label("Speaker")).to_have_value("Carl")


def test_file_without_sound_gets_a_sentence_at_its_row(import_page, faults):
    page = import_page
    faults.expect_answer(400, UPLOAD)
    faults.expect_answer(415, UPLOAD)
    faults.expect_answer(422, UPLOAD)
    choose(page, sound("anna.ogg", demo_track("anna.flac", SECONDS)), WORDS)
    page.get_by_label("Title").fill("Half of it")

    page.get_by_role("button", name="Upload and recognise").click()

    expect(page.get_by_role("alert")).to_be_visible()
    expect(file_row(page, "ben.mp3").locator(".field-errors")).to_have_text(re.compile(r"^\S.* .*\.$"))
    expect(file_row(page, "anna.ogg").locator(".field-errors")).to_be_empty()
    expect(page.get_by_role("button", name="Upload and recognise")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Half of it")


def test_what_is_missing_is_said_before_anything_is_sent(import_page):
    page = import_page

    page.get_by_role("button", name="Upload and recognise").click()
    expect(page.locator("#title_error")).to_have_text("Give the meeting a title.")
    expect(page.locator("#files-error")).to_have_text("Choose at least one file.")
    expect(page.get_by_label("Title")).to_be_focused()
    page.get_by_label("Title").fill("Empty")
    choose(page, sound("anna.ogg", b""))

    expect(file_row(page, "anna.ogg").locator(".field-errors")).to_have_text("This file is empty. Choose another one.")
    page.get_by_role("button", name="Remove anna.ogg").click()
    expect(page.locator(".file")).to_have_count(0)


def test_stopped_upload_leaves_nothing_behind(import_page, faults, system):
    page = import_page
    faults.expect_abort(UPLOAD)
    choose(page, sound("long.wav", bytes(3_000_000)))
    page.get_by_label("Title").fill("Never to be")
    slow_down(page)
    staged = system.data_dir / "uploads"

    page.get_by_role("button", name="Upload and recognise").click()
    wait_for_part_of_upload(page)
    wait_until(lambda: any(staged.iterdir()), 10, "the upload has begun")
    page.get_by_role("button", name="Stop the upload").click()

    expect(page.get_by_role("alert")).to_contain_text("Upload stopped. Nothing was kept on the server")
    expect(file_row(page, "long.wav")).to_be_visible()
    wait_until(lambda: not any(staged.iterdir()), 10, "what was sent is gone")
    page.goto("/app/")
    expect(page.get_by_role("link", name="Planning the new office")).to_be_visible()
    expect(page.get_by_role("link", name="Never to be")).to_have_count(0)
