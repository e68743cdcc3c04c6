"""What does Apprise's account of one call mean? It says yes or no, and the rest in the words of its log."""

import re
from dataclasses import replace

from channels.http import Verdict, by_status

_STATUS = re.compile(r"error=(\d{3})\b")
_NOWHERE = re.compile(
    r"Connection refused|NewConnectionError|Name or service not known|Temporary failure in name resolution"
    r"|nodename nor servname|No route to host|Network is unreachable|ConnectTimeout|CERTIFICATE_VERIFY_FAILED"
)


def meaning(log: str) -> Verdict:
    """A status where the log names one; a connection that never was; all else may have been sent.

    Each room has a key of its own: one that is not let in waits for a person and says nothing of the others.
    """
    if found := _STATUS.search(log):
        status = int(found[1])
        met = Verdict("refused", "invalid_address") if status == 404 else by_status(status)
        return replace(met, outcome="unsent", reason="misconfigured") if met.outcome == "misconfigured" else met
    if _NOWHERE.search(log):
        return Verdict("unsent", "unreachable")
    return Verdict("unknown", "dropped")
