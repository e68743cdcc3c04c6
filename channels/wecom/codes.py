"""What do WeCom's error codes mean? (developer.work.weixin.qq.com/document/path/90313)"""

from collections.abc import Mapping

from channels.http import Verdict

_LATER = {-1: "busy", 45033: "busy"}
_NEVER = {
    40003: "invalid_address",
    60111: "invalid_address",
    60123: "invalid_address",
    81013: "invalid_address",
    40058: "content",
    44004: "content",
    45002: "content",
}
_MEND = {
    40001: "secret",
    40013: "corp id",
    40056: "agent id",
    40091: "secret",
    41001: "no token",
    48002: "interface not granted",
    50003: "application disabled",
    60011: "no authority",
    60020: "our address is not on the application's list",
    301002: "application may not be used",
}
CODES: Mapping[int, Verdict] = {
    **{code: Verdict("unsent", word) for code, word in _LATER.items()},
    45009: Verdict("unsent", "quota"),
    **{code: Verdict("refused", word) for code, word in _NEVER.items()},
    **{code: Verdict("misconfigured", word) for code, word in _MEND.items()},
}

ROBOT_RATE: Mapping[int, Verdict] = {
    45009: Verdict("unsent", "rate", after=60.0),
    93000: Verdict("misconfigured", "robot key"),
    93008: Verdict("misconfigured", "robot not in the group"),
}
"""What a group robot means by its codes: 20 messages a minute, and a key that is not one."""

NOT_REACHED: Mapping[str, str] = {
    "invaliduser": "invalid_address",
    "invalidparty": "invalid_address",
    "invalidtag": "invalid_address",
    "unlicenseduser": "unlicensed",
}
"""Lists in a *successful* answer, `|` between names -> why those were not sent to (path 90236)."""
