"""How does a browser open a push, and how does its service know who sent it?

Written from RFC 8188, RFC 8291 and RFC 8292 alone, so that what the hub seals and signs is read by another hand.
"""

import base64
import hmac
import json
import struct
import time
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_POINT = (Encoding.X962, PublicFormat.UncompressedPoint)


def plain(text: str) -> bytes:
    """base64url without its padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def webbed(data: bytes) -> str:
    """The same the other way round."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _derived(secret: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    """HKDF-SHA-256 for up to one block (RFC 5869)."""
    key = hmac.digest(salt, secret, sha256)
    return hmac.digest(key, info + b"\x01", sha256)[:size]


@dataclass
class Browser:
    """One browser: the key pair it made when it subscribed and its secret."""

    name: str
    host: str = "push.example.org"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = b"sixteen-octets-!"

    @property
    def point(self) -> bytes:
        """Its public key."""
        return self.key.public_key().public_bytes(*_POINT)

    @property
    def address(self) -> str:
        """Its `PushSubscription` as JSON."""
        keys = {"p256dh": webbed(self.point), "auth": webbed(self.secret)}
        return json.dumps({"endpoint": f"https://{self.host}/push/{self.name}", "keys": keys})

    def opened(self, body: bytes) -> bytes:
        """What an aes128gcm body says to this browser. Raises ValueError for anything sealed for another or cut short."""
        salt, size, idlen = body[:16], struct.unpack("!I", body[16:20])[0], body[20]
        sender, record = body[21 : 21 + idlen], body[21 + idlen :]
        if len(sender) != 65 or len(record) > size or size < 18:
            raise ValueError("not one record of RFC 8291")
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.key.exchange(ec.ECDH(), theirs)
        secret = _derived(shared, self.secret, b"WebPush: info\x00" + self.point + sender, 32)
        key = _derived(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _derived(secret, salt, b"Content-Encoding: nonce\x00", 12)
        try:
            padded = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\x00")
        except InvalidTag:
            raise ValueError("sealed for another") from None
        if not padded.endswith(b"\x02"):
            raise ValueError("the last record does not end as one")
        return padded[:-1]


def vouched(header: str, audience: str) -> bytes:
    """The key (uncompressed point) that a VAPID `Authorization` proves. Raises ValueError for anything that proves none."""
    scheme, _, rest = header.partition(" ")
    parts = dict(one.strip().partition("=")[::2] for one in rest.split(","))
    if scheme.lower() != "vapid" or set(parts) != {"t", "k"}:
        raise ValueError("no vapid token")
    head, claims, signature = parts["t"].split(".")
    raw, said = plain(signature), json.loads(plain(claims))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), plain(parts["k"]))
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    try:
        key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise ValueError("the token is not signed by its key") from None
    now = time.time()
    if said["aud"] != audience or not now < said["exp"] <= now + 24 * 3600 or "sub" not in said:
        raise ValueError("the token is for somebody else, or too old, or lasts too long")
    return plain(parts["k"])
