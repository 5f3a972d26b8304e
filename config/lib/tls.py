"""A certificate authority of this installation's own, and a certificate for the machine's names and addresses."""

import datetime as dt
import ipaddress
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_DAYS = 3650
# Browsers refuse certificates that are valid for longer than 398 days.
CERTIFICATE_DAYS = 397
RENEW_DAYS = 60
# An address of the documentation range (RFC 5737): connecting a datagram socket to it sends nothing.
FAR_ADDRESS = "192.0.2.1"


@dataclass(frozen=True)
class Certificate:
    """Files for a TLS server, and the authority that a device must trust."""

    ca: Path
    certificate: Path
    key: Path


def lan_address() -> str | None:
    """Return the address under which other machines of the network reach this one."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((FAR_ADDRESS, 9))
        return str(probe.getsockname()[0])
    return None


def local_names(host: str, lan: str | None) -> list[str]:
    """List the names and addresses that a browser may use for this machine, `host` among them."""
    name = socket.gethostname()
    found = {"localhost", "127.0.0.1", "::1", name, f"{name}.local", host, lan or ""}
    with suppress(OSError):
        found.update(str(entry[4][0]) for entry in socket.getaddrinfo(name, None))
    # A scope (`fe80::1%eth0`) has no place in a certificate, and a wildcard is no name.
    return sorted(entry for entry in found if entry and "%" not in entry and entry not in ("0.0.0.0", "::"))  # noqa: S104


def ensure_certificate(folder: Path, names: Sequence[str]) -> Certificate:
    """Make what is missing: the authority once, the certificate anew when names change or its end comes near."""
    folder.mkdir(mode=0o700, exist_ok=True)
    ca_files = Certificate(folder / "ca.crt", folder / "ca.crt", folder / "ca.key")
    files = Certificate(folder / "ca.crt", folder / "server.crt", folder / "server.key")
    if not ca_files.key.exists() or not ca_files.ca.exists():
        _write_pair(ca_files, *_make_authority())
    if not _is_current(files, names):
        authority = x509.load_pem_x509_certificate(ca_files.ca.read_bytes())
        authority_key = serialization.load_pem_private_key(ca_files.key.read_bytes(), password=None)
        if not isinstance(authority_key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{ca_files.key} holds another kind of key")
        _write_pair(files, *_make_certificate(authority, authority_key, names))
    return files


def _is_current(files: Certificate, names: Sequence[str]) -> bool:
    if not files.certificate.exists() or not files.key.exists():
        return False
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    ends_late = certificate.not_valid_after_utc > _now() + dt.timedelta(days=RENEW_DAYS)
    authority = x509.load_pem_x509_certificate(files.ca.read_bytes())
    wanted = x509.SubjectAlternativeName([_general_name(name) for name in names])
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return ends_late and found == wanted and certificate.issuer == authority.subject


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _begin(subject: x509.Name, key: ec.EllipticCurvePublicKey, days: int) -> x509.CertificateBuilder:
    # An hour back, for clocks that are a little behind.
    begins = _now() - dt.timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _make_authority() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    # The serial number in the name keeps the authorities of two installations apart in one device.
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"Tertulia {socket.gethostname()} {os.urandom(4).hex()}"[:64])]
    )
    builder = (
        _begin(name, key.public_key(), CA_DAYS)
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
    )
    return builder.sign(key, hashes.SHA256()), key


def _make_certificate(
    authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey, names: Sequence[str]
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tertulia")])
    builder = (
        _begin(subject, key.public_key(), CERTIFICATE_DAYS)
        .issuer_name(authority.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
    )
    return builder.sign(authority_key, hashes.SHA256()), key


def _write_pair(files: Certificate, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # The certificate comes last: a pair that was interrupted is made again.
    for path, content in (
        (files.key, private),
        (files.certificate, certificate.public_bytes(serialization.Encoding.PEM)),
    ):
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        temporary.replace(path)
