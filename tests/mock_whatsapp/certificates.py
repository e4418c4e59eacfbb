"""A throw-away certificate authority for one run: the engine's TLS is told to trust it and nobody else."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NAMES = ("web.whatsapp.com", "*.whatsapp.com", "*.whatsapp.net")
DAY = datetime.timedelta(days=1)


class Certificates(NamedTuple):
    """Paths of PEM files. `authority` goes into SSL_CERT_FILE before the engine's process starts."""

    authority: Path
    server: Path
    key: Path


def make_certificates(folder: Path) -> Certificates:
    """A new authority, and a server it vouches for."""
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name, server_name = _name("loopback tests"), _name(NAMES[0])
    authority = _certificate(authority_name, authority_name, authority_key, authority_key, vouches=True)
    server = _certificate(server_name, authority_name, server_key, authority_key, vouches=False)
    made = Certificates(*(folder / name for name in ("authority.pem", "server.pem", "server.key")))
    made.authority.write_bytes(authority.public_bytes(Encoding.PEM))
    made.server.write_bytes(server.public_bytes(Encoding.PEM))
    made.key.write_bytes(server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signing: ec.EllipticCurvePrivateKey,
    *,
    vouches: bool,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    draft = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + 30 * DAY)
        .add_extension(x509.BasicConstraints(ca=vouches, path_length=None), critical=True)
    )
    if not vouches:
        names = x509.SubjectAlternativeName([x509.DNSName(name) for name in NAMES])
        draft = draft.add_extension(names, critical=False)
    return draft.sign(signing, hashes.SHA256())
