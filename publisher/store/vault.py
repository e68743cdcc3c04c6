"""How are people's numbers and second factors kept so that a stolen database tells nothing? AES-GCM, and an HMAC to look up by.

The key is a file beside the hub's other keys, never in the database or its backups.
"""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE = 12
_VERSION = b"\x01"


class Unreadable(Exception):
    """The bytes were sealed with another key or for another purpose, or were changed."""


def make_key() -> bytes:
    """A fresh key."""
    return secrets.token_bytes(KEY_BYTES)


class Vault:
    """Seals and opens short texts. `about` says what a value is for, so that one cannot be put in another's place."""

    def __init__(self, key: bytes) -> None:
        """Raises ValueError for a key of the wrong size."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a vault key has {KEY_BYTES} bytes, this one {len(key)}")
        self._cipher = AESGCM(hashlib.sha256(b"tocsin seal" + key).digest())
        self._lookup = hashlib.sha256(b"tocsin lookup" + key).digest()

    def seal(self, text: str, about: str) -> bytes:
        """`text` sealed; the same text gives other bytes each time."""
        nonce = secrets.token_bytes(_NONCE)
        return _VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), about.encode())

    def open(self, sealed: bytes, about: str) -> str:
        """The text again. Raises Unreadable."""
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        if sealed[:1] != _VERSION:
            raise Unreadable("these bytes were not sealed by this hub")
        try:
            return self._cipher.decrypt(nonce, body, about.encode()).decode()
        except InvalidTag as error:
            raise Unreadable("sealed with another key, for another purpose, or changed since") from error

    def index(self, text: str, about: str) -> str:
        """Hex HMAC-SHA256 by which a sealed text is found again; the same for the same text and purpose."""
        return hmac.new(self._lookup, f"{about}\x1f{text}".encode(), hashlib.sha256).hexdigest()
