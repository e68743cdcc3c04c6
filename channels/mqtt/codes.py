"""What do a broker's reason codes mean? (MQTT 5.0 §2.4)"""

from collections.abc import Mapping

from channels.http import Verdict

CODES: Mapping[int, Verdict] = {
    0x80: Verdict("unknown", "gateway"),
    0x83: Verdict("unsent", "busy"),
    0x87: Verdict("misconfigured", "not authorised"),
    0x90: Verdict("refused", "invalid_address"),
    0x97: Verdict("unsent", "rate"),
    0x99: Verdict("refused", "content"),
}
"""PUBACK reason code (128 and above refuse) -> what it means for the display."""


def verdict(code: int) -> Verdict | None:
    """What a reason code means; None when the broker took the message (0x10: nobody listens yet, it is retained)."""
    return None if code < 0x80 else CODES.get(code, Verdict("refused", "rejected"))
