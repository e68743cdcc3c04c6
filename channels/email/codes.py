"""What do a mail server's replies mean? (RFC 5321 §4.2, RFC 3463)"""

from channels.http import Verdict


def verdict(code: int, taken: bool, *, ours: bool = False) -> Verdict:
    """What a reply other than success means. `taken`: the whole text had left before it came; `ours`: it is about the sender."""
    if code in (530, 534, 535, 538):
        return Verdict("misconfigured", "credentials")
    if ours and code >= 500 and code != 552:
        return Verdict("misconfigured", "sender")
    if 400 <= code < 500:
        return Verdict("unsent", "rate" if code in (450, 452) else "busy")
    if code in (550, 551, 553, 501, 510, 511, 513):
        return Verdict("refused", "content" if taken else "invalid_address")
    if code in (552, 554):
        return Verdict("refused", "content")
    if 500 <= code < 600:
        return Verdict("refused", "rejected")
    return Verdict("unknown" if taken else "unsent", "unreadable")
