"""The installation's own certificate authority."""

import datetime as dt
import ipaddress
import stat

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from config.lib import tls

NAMES = ["127.0.0.1", "::1", "localhost", "minutes.example"]


@pytest.fixture
def files(tmp_path):
    return tls.ensure_certificate(tmp_path / "tls", NAMES)


def load(path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_certificate_is_issued_for_names_and_addresses(files):
    certificate, authority = load(files.certificate), load(files.ca)

    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "minutes.example"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address(name) for name in NAMES[:2]]
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    # Browsers refuse more.
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc < dt.timedelta(days=398)


def test_keys_are_private(files):
    assert {stat.S_IMODE(path.stat().st_mode) for path in (files.key, files.key.with_name("ca.key"))} == {0o600}


def test_current_certificate_is_kept(files):
    before = files.certificate.read_bytes()

    tls.ensure_certificate(files.ca.parent, NAMES)

    assert files.certificate.read_bytes() == before


def test_new_name_gets_a_new_certificate_of_the_same_authority(files):
    authority = files.ca.read_bytes()

    tls.ensure_certificate(files.ca.parent, [*NAMES, "other.example"])

    assert files.ca.read_bytes() == authority
    names = load(files.certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "minutes.example", "other.example"]


def test_certificate_near_its_end_is_renewed(files, monkeypatch):
    before = load(files.certificate)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=tls.CERTIFICATE_DAYS - tls.RENEW_DAYS + 1)
    monkeypatch.setattr(tls, "_now", lambda: later)

    tls.ensure_certificate(files.ca.parent, NAMES)

    assert load(files.certificate).not_valid_after_utc > before.not_valid_after_utc


@pytest.mark.parametrize("wildcard", ["0.0.0.0", "::"])  # noqa: S104
def test_local_names_hold_loopback_and_no_wildcard(wildcard):
    names = tls.local_names(wildcard, "192.168.1.5")

    assert {"localhost", "127.0.0.1", "::1", "192.168.1.5"} <= set(names)
    assert wildcard not in names
    assert "minutes.example" in tls.local_names("minutes.example", None)
