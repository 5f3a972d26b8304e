"""Countries: the ISO 3166 code of whatever a client calls one, and the name of a code."""

import gettext
import unicodedata
from functools import cache

import pycountry
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import override

# What people and other systems say beside the names of ISO 3166; Kosovo has a code that the standard leaves to users.
EVERYDAY_NAMES = {
    "Bosnia": "BA",
    "Brunei": "BN",
    "Burma": "MM",
    "Cape Verde": "CV",
    "Democratic Republic of the Congo": "CD",
    "DR Congo": "CD",
    "England": "GB",
    "Great Britain": "GB",
    "Holland": "NL",
    "Holy See": "VA",
    "Ivory Coast": "CI",
    "Kosovo": "XK",
    "Macau": "MO",
    "Macedonia": "MK",
    "Micronesia": "FM",
    "Northern Ireland": "GB",
    "Palestine": "PS",
    "Republic of the Congo": "CG",
    "Russia": "RU",
    "Scotland": "GB",
    "Swaziland": "SZ",
    "The Gambia": "GM",
    "The Netherlands": "NL",
    "Turkey": "TR",
    "UK": "GB",
    "Vatican": "VA",
    "Vatican City": "VA",
    "Wales": "GB",
}
# Shorter, or better known, than what ISO 3166 writes first.
SHORT_NAMES = {
    "BN": "Brunei",
    "CD": "DR Congo",
    "FM": "Micronesia",
    "PS": "Palestine",
    "RU": "Russia",
    "VA": "Vatican City",
    "VG": "British Virgin Islands",
    "VI": "U.S. Virgin Islands",
    "XK": "Kosovo",
}


def code_of(text: str) -> str:
    """Give the two letters of a country that is named, or written as a code of two or three letters; "" if unknown."""
    return _codes().get(_plain(text), "")


def name_of(code: str) -> str:
    """Give the English name of a code of two letters; "" if unknown."""
    return _names().get(code.upper(), "")


def validate_country(text: str) -> None:
    """Raises: django.core.exceptions.ValidationError."""
    if not code_of(text):
        raise ValidationError(_("Name a country, or write its code of two or three letters."))


@cache
def choices(language: str) -> tuple[tuple[str, str], ...]:
    """Give every code with its name in a language, by name."""
    speak = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True).gettext
    with override(language):
        # ISO 3166 does not know it, and so neither do its translators.
        named = {**_names(), "XK": _("Kosovo")}
    for country in pycountry.countries:
        name = getattr(country, "common_name", country.name)
        if speak(name) != name:
            named[country.alpha_2] = speak(name)
    return tuple(sorted(named.items(), key=lambda pair: _plain(pair[1])))


@cache
def _names() -> dict[str, str]:
    listed = {country.alpha_2: getattr(country, "common_name", country.name) for country in pycountry.countries}
    return {**listed, **SHORT_NAMES}


@cache
def _codes() -> dict[str, str]:
    known = {_plain(name): code for name, code in EVERYDAY_NAMES.items()}
    for country in pycountry.countries:
        for attribute in ("alpha_2", "alpha_3", "name", "common_name", "official_name"):
            known.setdefault(_plain(getattr(country, attribute, "")), country.alpha_2)
    known.update({_plain(name): code for code, name in SHORT_NAMES.items()} | {"xk": "XK", "xkx": "XK"})
    known.pop("")
    return known


def _plain(text: str) -> str:
    """Strip accents and all but letters, so that `Cote d'Ivoire` and `Türkiye` are found however they are written."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if sign.isalpha())
