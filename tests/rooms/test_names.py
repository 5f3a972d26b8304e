"""What files and people in rooms may be called: examples, and what holds for any text."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rooms.names import FILE_NAME_BYTES, ending_of, file_name, numbered, person_name

ANY = st.text(max_size=400)
# The words and signs that names go wrong by, in any mixture.
NASTY = st.lists(
    st.sampled_from(
        [
            "..",
            ".",
            "/",
            "\\",
            "\0",
            "\n",
            " ",
            "\u202e",
            "\u200d",
            "\u2028",
            "e\u0301",
            "CON",
            "nul",
            ".txt",
            "ж",
            "🙂",
        ]
    ),
    max_size=120,
).map("".join)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Document_72835505.docx", "Document_72835505.docx"),
        ("ZekliOpenAPI for Customers - Instant.docx", "ZekliOpenAPI for Customers - Instant.docx"),
        ("Отчёт за май.pdf", "Отчёт за май.pdf"),
        ("報告書.pdf", "報告書.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Anna\\a.txt", "a.txt"),
        ("a/b\\c/d.txt", "d.txt"),
        (".htaccess", "_htaccess"),
        ("...a.txt", "___a.txt"),
        (" .a.txt ", "_a.txt"),
        ("a\0b\x1b\x7f\x85.txt", "a_b___.txt"),
        ("invoice\u202etxt.exe", "invoice_txt.exe"),
        ("a\u200bb\ufeffc\u2066d\u2029e.txt", "a_b_c_d_e.txt"),
        ("cafe\u0301.txt", "café.txt"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("Lpt1 .tar.gz", "_Lpt1 .tar.gz"),
        ("COM¹.txt", "_COM¹.txt"),
        ("console.txt", "console.txt"),
        ("", "_"),
        ("a/", "_"),
        ("..", "__"),
        ("   ", "_"),
        ("\ud800.txt", "_.txt"),
    ],
)
def test_name_is_kept_as_far_as_it_is_harmless(sent, kept):
    assert file_name(sent) == kept


@pytest.mark.parametrize(
    ("sent", "ending"), [("x" * 300 + ".docx", ".docx"), ("ж" * 200 + ".tar.gz", ".gz"), ("x." + "y" * 300, "")]
)
def test_long_name_is_cut_before_its_ending(sent, ending):
    name = file_name(sent)

    assert len(name.encode()) in (FILE_NAME_BYTES, FILE_NAME_BYTES - 1)
    assert name.endswith(ending)


@given(st.one_of(ANY, NASTY))
@example("a" * 194 + ". .txt")
def test_any_name_becomes_a_harmless_one(sent):
    name = file_name(sent)

    assert name == name.strip() != ""
    assert not name.startswith(".")
    assert not set(name) & {"/", "\\"}
    assert not {unicodedata.category(character) for character in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert unicodedata.is_normalized("NFC", name)
    assert len(name.encode()) <= FILE_NAME_BYTES
    assert file_name(name) == name


@given(st.one_of(ANY, NASTY), st.integers(2, 10**6))
def test_numbered_names_differ_and_are_as_harmless(sent, number):
    name = file_name(sent)

    again = numbered(name, number)

    assert again != name
    assert f" ({number})" in again
    assert ending_of(again) == ending_of(name)
    assert file_name(again) == again


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        ("a.txt", 1, "a.txt"),
        ("a.txt", 2, "a (2).txt"),
        ("a.tar.gz", 3, "a.tar (3).gz"),
        ("README", 2, "README (2)"),
        ("_htaccess", 2, "_htaccess (2)"),
    ],
)
def test_number_stands_before_the_ending(name, number, expected):
    assert numbered(name, number) == expected


@pytest.mark.parametrize(
    ("name", "ending"),
    [("a.TXT", "txt"), ("a.tar.gz", "gz"), ("a", ""), ("a.", ""), ("a." + "x" * 17, ""), ("a.b c", "b c")],
)
def test_ending_is_what_follows_the_last_dot(name, ending):
    assert ending_of(name) == ending


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Carl", "Carl"),
        ("  Carl \n the\tgreat ", "Carl the great"),
        ("Ca\u202erl", "Ca rl"),
        ("\u202e\u200b", ""),
        ("x" * 200, "x" * 100),
        ("Анна 🙂", "Анна 🙂"),
    ],
)
def test_person_is_called_what_can_be_shown(sent, kept):
    assert person_name(sent, 100) == kept


@given(ANY)
def test_any_name_of_a_person_is_shown_in_one_line(sent):
    name = person_name(sent, 100)

    assert len(name) <= 100
    assert person_name(name, 100) == name
    assert not {unicodedata.category(character) for character in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
