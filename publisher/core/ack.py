"""Which delivery does an answering link name? A token that only this hub can make, bound to one delivery.

It can be put on a card, in a mail or read out by a caller; whoever has it can say "received" for that delivery, no more.
"""

import hashlib
import hmac

_ID = 32
_MAC = 20


def secret_of(key: bytes) -> bytes:
    """The secret that tokens are made with, from the hub's own signing key."""
    return hashlib.sha256(b"tocsin answering links\0" + key).digest()


def token(secret: bytes, delivery: str) -> str:
    """The token of a delivery's id (32 letters)."""
    return delivery + hmac.new(secret, delivery.encode(), hashlib.sha256).hexdigest()[:_MAC]


def delivery_of(secret: bytes, given: str) -> str | None:
    """The delivery that a token names; None for one that this hub did not make."""
    delivery = given[:_ID]
    fits = len(given) == _ID + _MAC and hmac.compare_digest(token(secret, delivery).encode(), given.encode())
    return delivery if fits else None
