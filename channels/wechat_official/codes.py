"""What do WeChat's error codes mean? (developers.weixin.qq.com, global return codes)"""

from collections.abc import Mapping

from channels.http import Verdict

_LATER = {-1: "busy"}
_QUOTA = {45009: "quota", 45028: "quota"}
_NEVER = {
    40003: "invalid_address",
    40050: "invalid_address",
    43004: "not_follower",
    43019: "blocked",
    43101: "opted_out",
    45067: "key_too_long",
    47003: "content",
    45002: "content",
    87014: "content",
}
_MEND = {
    40001: "app secret",
    40013: "app id",
    40125: "app secret",
    40164: "our address is not on the account's list",
    40037: "template",
    41001: "no token",
    43116: "template in disuse",
    48001: "interface not granted",
    48004: "interface suspended",
    50002: "account suspended",
}
CODES: Mapping[int, Verdict] = {
    **{code: Verdict("unsent", word) for code, word in _LATER.items()},
    **{code: Verdict("unsent", word) for code, word in _QUOTA.items()},
    45011: Verdict("unsent", "rate", after=60.0),
    **{code: Verdict("refused", word) for code, word in _NEVER.items()},
    **{code: Verdict("misconfigured", word) for code, word in _MEND.items()},
}

ALREADY_TAKEN = 45065
"""`clientmsgid` was used before: a success, and the answer carries the first message's id."""

MASS_ENDS: Mapping[str, str] = {"err(40001)": "admin_refused", "err(40002)": "admin_silent"}
"""How a mass job ended where an administrator must confirm: refused, or 30 minutes of silence."""

LIMITS: Mapping[str, int] = {
    "thing": 20,
    "phrase": 5,
    "character_string": 32,
    "const": 20,
    "name": 10,
}
"""Most characters a template field holds, by the letters of its keyword."""
