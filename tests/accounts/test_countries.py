"""What counts as a country, and what each is called."""

import pytest

from accounts.countries import choices, code_of, name_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Pakistan", "PK"),
        (" pakistan ", "PK"),
        ("pk", "PK"),
        ("PAK", "PK"),
        ("Islamic Republic of Pakistan", "PK"),
        ("Russia", "RU"),
        ("Russian Federation", "RU"),
        ("UK", "GB"),
        ("usa", "US"),
        ("South Korea", "KR"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Cote d'Ivoire", "CI"),
        ("DR Congo", "CD"),
        ("Kosovo", "XK"),
        ("xk", "XK"),
    ],
)
def test_country_is_found_by_name_and_code(text, code):
    assert code_of(text) == code


@pytest.mark.parametrize("text", ["", " ", "...", "Atlantis", "ZZ", "586", "\U0001f1f5\U0001f1f0"])
def test_what_is_no_country_has_no_code(text):
    assert code_of(text) == ""


@pytest.mark.parametrize(
    ("code", "name"),
    [("PK", "Pakistan"), ("pk", "Pakistan"), ("RU", "Russia"), ("BO", "Bolivia"), ("ZZ", ""), ("", "")],
)
def test_code_has_an_english_name(code, name):
    assert name_of(code) == name


def test_every_name_leads_back_to_its_code():
    assert [(code, code_of(name)) for code, name in choices("en")] == [(code, code) for code, _ in choices("en")]


def test_choices_speak_the_language_and_stand_in_its_order():
    english, russian = dict(choices("en")), dict(choices("ru"))

    assert english.keys() == russian.keys()
    assert (english["DE"], russian["DE"], russian["RU"]) == ("Germany", "Германия", "Российская Федерация")
    assert list(english)[:2] == ["AF", "AX"]
