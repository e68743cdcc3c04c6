"""An authority that lives for one test, and certificates of servers on this machine that it vouches for."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Authority:
    """`pem`: its certificate. `certificate` and `key`: files of a server at 127.0.0.1."""

    pem: str
    certificate: Path
    key: Path


def authority(folder: Path, name: str = "authority") -> Authority:
    """A new one, its server's files in `folder`."""
    root, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    mine, theirs = _name(f"{name} of a test"), _name("127.0.0.1")
    top = _certificate(mine, mine, root.public_key(), x509.BasicConstraints(ca=True, path_length=0))
    leaf = _certificate(theirs, mine, server.public_key(), x509.BasicConstraints(ca=False, path_length=None))
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")])
    signed = leaf.add_extension(here, critical=False).sign(root, hashes.SHA256())
    made = Authority(
        top.sign(root, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode(),
        folder / f"{name}.pem",
        folder / f"{name}.key",
    )
    made.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    made.key.write_bytes(server.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return made


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, basic: x509.BasicConstraints
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=24))
    return made.add_extension(basic, critical=True)
