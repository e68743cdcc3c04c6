"""Did the hub write this, and nobody change it since? Ed25519 seals over short public files: heartbeats, display bundles.

The same bytes and key always give the same seal, so a sealed page's ETag changes exactly when its content does.
"""

import base64
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHM = "Ed25519"


def make_key() -> bytes:
    """A fresh private key, PEM."""
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def seal(body: bytes, private_pem: bytes) -> str:
    """The seal of exactly these bytes, base64url without padding (86 characters). Raises ValueError for another key."""
    return _text(_private(private_pem).sign(body))


def holds(body: bytes, sealed: str, public: str) -> bool:
    """Whether the owner of `public` (as `public_of` writes it) sealed exactly these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(public)).verify(_bytes(sealed), body)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=8)
def public_of(private_pem: bytes) -> str:
    """The public half, base64url without padding: the `x` of a JSON Web Key (RFC 8037)."""
    raw = _private(private_pem).public_key()
    return _text(raw.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))


@lru_cache(maxsize=8)
def _private(pem: bytes) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("an Ed25519 key is wanted")
    return key


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """The bytes, from the one way to write them: the decoder alone takes stray characters and spare bits for nothing."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _text(raw) != text:
        raise ValueError("not the one way to write these bytes")
    return raw
