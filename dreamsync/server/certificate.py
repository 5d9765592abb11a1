"""A server's own certificate for the local network, recognised by its fingerprint.

No authority vouches for it: a client is told the SHA-256 of the certificate (in the join code)
and trusts exactly that one.
"""

import ipaddress
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CERTIFICATE_FILE = "certificate.pem"
KEY_FILE = "certificate.key"
_VALID_FOR = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """Where certificate and key lie (PEM); `fingerprint`: SHA-256 of the DER, 64 hex digits."""

    certificate_path: str
    key_path: str
    fingerprint: str


def ensure_certificate(data_dir: str, *, hosts: Sequence[str] = ()) -> ServerCertificate:
    """The folder's certificate, made for `hosts` if there is none yet.

    One that exists is kept whatever the hosts: devices have joined by its fingerprint.
    """
    certificate_path = os.path.join(data_dir, CERTIFICATE_FILE)
    key_path = os.path.join(data_dir, KEY_FILE)
    if not (os.path.exists(certificate_path) and os.path.exists(key_path)):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _self_signed(key, [*hosts, "localhost", "127.0.0.1"])
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write_private(key_path, pem)
        _write_private(certificate_path, certificate.public_bytes(Encoding.PEM))
    return ServerCertificate(certificate_path, key_path, fingerprint_of(certificate_path))


def fingerprint_of(certificate_path: str) -> str:
    """The SHA-256 of the certificate (DER) in lower-case hex."""
    with open(certificate_path, "rb") as file:
        certificate = x509.load_pem_x509_certificate(file.read())
    return certificate.fingerprint(SHA256()).hex()


def lan_address() -> str:
    """This computer's address on the network; 127.0.0.1 where it is on none.

    A datagram socket that is only connected sends nothing; it tells the way out that would be
    taken.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        address: str = probe.getsockname()[0]
        return address


def _self_signed(key: ec.EllipticCurvePrivateKey, hosts: Sequence[str]) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dreamsync")])
    now = datetime.now(UTC)
    unique_hosts = list(dict.fromkeys(hosts))
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A day early: clocks of home computers disagree.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _VALID_FOR)
        .add_extension(x509.SubjectAlternativeName([_name(host) for host in unique_hosts]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .sign(key, SHA256())
    )


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write_private(path: str, content: bytes) -> None:
    """Complete under its name or not there."""
    draft = f"{path}.new"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
