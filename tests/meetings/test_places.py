"""Where a session is: by the address of its host, or the country of their account."""

import logging

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from config.checks import places_can_be_found
from meetings.places import Place, place_of

LAHORE = {
    "city": {"names": {"en": "Lahore", "de": "Lahor"}},
    "country": {"iso_code": "PK", "names": {"en": "Pakistan"}},
    "subdivisions": [{"iso_code": "PB", "names": {"en": "Punjab"}}],
}
SOMEWHERE = {"country": {"iso_code": "GB", "names": {"en": "United Kingdom"}}}
NOWHERE = {"continent": {"code": "EU"}}


def write(path, networks, kind="GeoLite2-City"):
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type=kind, languages=["en"])
    for network, record in networks.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))
    return str(path)


def make_unfit(path, what):
    """Write no database, what is none, or one that knows no cities."""
    if what == "countries":
        write(path, {"203.0.113.0/25": SOMEWHERE}, kind="GeoLite2-Country")
    elif what == "broken":
        path.write_bytes(b"no database")
    return str(path)


@pytest.fixture
def known(tmp_path, settings):
    networks = {"203.0.113.0/25": LAHORE, "2001:db8::/32": SOMEWHERE, "198.51.100.0/24": NOWHERE}
    settings.GEOIP_PATH = write(tmp_path / "places.mmdb", networks)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.9", Place("PK", "Pakistan", "Punjab", "Lahore")),
        ("2001:db8::1", Place("GB", "United Kingdom", "", "")),
        ("198.51.100.1", Place("ES", "Spain", "", "")),
        ("203.0.113.200", Place("ES", "Spain", "", "")),
        ("no address", Place("ES", "Spain", "", "")),
        ("", Place("ES", "Spain", "", "")),
    ],
)
def test_place_of_an_address(address, place):
    assert place_of(address, country="Spain") == place


@pytest.mark.parametrize(
    ("country", "place"),
    [("es", Place("ES", "Spain")), ("Pakistan", Place("PK", "Pakistan")), ("Atlantis", Place()), ("", Place())],
)
def test_place_of_an_account(settings, country, place):
    settings.GEOIP_PATH = ""

    assert place_of("203.0.113.9", country=country) == place


@pytest.mark.usefixtures("known")
def test_database_may_be_replaced(tmp_path):
    before = place_of("203.0.113.9", country="ES")

    write(tmp_path / "newer.mmdb", {"203.0.113.0/25": SOMEWHERE})
    (tmp_path / "newer.mmdb").replace(tmp_path / "places.mmdb")

    assert (before.city, place_of("203.0.113.9", country="ES").country_code) == ("Lahore", "GB")


@pytest.mark.parametrize("what", ["countries", "missing", "broken"])
def test_database_that_cannot_be_used_is_logged_and_keeps_nobody_out(tmp_path, settings, caplog, what):
    settings.GEOIP_PATH = make_unfit(tmp_path / "places.mmdb", what)

    with caplog.at_level(logging.WARNING):
        place = place_of("203.0.113.9", country="ES")

    assert place == Place("ES", "Spain")
    assert "GEOIP_PATH cannot be read" in caplog.text


def test_check_takes_no_database_and_one_of_cities(settings, tmp_path):
    settings.GEOIP_PATH = ""
    without = places_can_be_found(None)
    settings.GEOIP_PATH = write(tmp_path / "places.mmdb", {"203.0.113.0/25": LAHORE})

    assert (without, places_can_be_found(None)) == ([], [])


@pytest.mark.parametrize("what", ["countries", "missing", "broken"])
def test_check_finds_what_is_no_database_of_cities(settings, tmp_path, what):
    settings.GEOIP_PATH = make_unfit(tmp_path / "places.mmdb", what)

    assert [found.id for found in places_can_be_found(None)] == ["config.E007"]
