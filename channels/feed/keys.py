"""Which keys prove that a file is the hub's? The certificate behind CAP signatures, and the seal's key, as JWK and PEM."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from channels.base import Trust
from channels.feed.heartbeat import key_id

JWKS_TYPE = "application/jwk-set+json"
PEM_TYPE = "application/x-pem-file"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page for people says. `fingerprint`: SHA-256 of the certificate's DER, in pairs of hex digits."""

    fingerprint: str
    public: str
    key_id: str


def shown(trust: Trust) -> Shown:
    """The fingerprint and the seal's public key."""
    digest = hashlib.sha256(_der(trust.certificate)).hexdigest().upper()
    pairs = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
    return Shown(pairs, trust.public, key_id(trust.public))


@lru_cache(maxsize=8)
def since(certificate: bytes) -> datetime:
    """From when on the certificate holds: before that the hub published nothing."""
    return x509.load_pem_x509_certificate(certificate).not_valid_before_utc


def jwks(trust: Trust) -> bytes:
    """Both keys as a JSON Web Key Set (RFC 7517); the CAP key as its certificate chain."""
    sealing = {"kty": "OKP", "crv": "Ed25519", "x": trust.public, "use": "sig", "kid": key_id(trust.public)}
    return json.dumps({"keys": [{**sealing, "alg": "EdDSA"}, _signing(trust.certificate)]}, indent=1).encode()


def _signing(certificate: bytes) -> dict[str, object]:
    key = x509.load_pem_x509_certificate(certificate).public_key()
    if not isinstance(key, EllipticCurvePublicKey):
        raise ValueError("the CAP certificate is not of a P-256 key")
    point = key.public_numbers()
    x, y = (base64.urlsafe_b64encode(one.to_bytes(32)).rstrip(b"=").decode() for one in (point.x, point.y))
    chain = [base64.b64encode(_der(certificate)).decode()]
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "use": "sig", "alg": "ES256", "x5c": chain}


def _der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
