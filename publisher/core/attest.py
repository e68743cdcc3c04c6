"""Is a yes by phone or paper told well enough? Who gave it, how, the number or the scan, and when."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

HOW = ("phone", "paper")
AHEAD = timedelta(minutes=5)
"""A clock on a wall may be this much ahead of ours."""

Fault = tuple[str, str]
"""(which part of the evidence, what is wrong with it and what would do)."""


def faults(given: Mapping[str, Any], *, submitted: datetime | None, now: datetime) -> tuple[Fault, ...]:
    """Everything that is missing or cannot be. `submitted`: nobody can have agreed to it before."""
    found: list[Fault] = []
    how = _said(given, "how")
    if not _said(given, "who"):
        found.append(("who", "say who gave the yes: an officer's id, or name and post"))
    if how not in HOW:
        found.append(("how", f"say how it was given: {' or '.join(HOW)}"))
    if how == "phone" and not _said(given, "number"):
        found.append(("number", "say from which number or line the yes came"))
    if how == "paper" and not _said(given, "scan"):
        found.append(("scan", "upload the signed paper first and give its id"))
    return (*found, *_when(given, submitted, now))


def _said(given: Mapping[str, Any], name: str) -> str:
    return str(given.get(name, "")).strip()


def _when(given: Mapping[str, Any], submitted: datetime | None, now: datetime) -> list[Fault]:
    told = _said(given, "when")
    if not told:
        return []
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return [("when", f"{told!r} is no time; write it as {now.isoformat(timespec='minutes')}")]
    if at.tzinfo is None:
        return [("when", "the time needs its offset, such as +08:00")]
    if at > now + AHEAD:
        return [("when", f"{told} has not come yet")]
    if submitted is not None and at < submitted - AHEAD:
        return [("when", f"{told} is before it was submitted ({submitted.isoformat(timespec='minutes')})")]
    return []


def in_full(given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The evidence as it is kept: blanks away, the time filled in with now when none was told."""
    kept = {name: str(value).strip() for name, value in given.items() if str(value).strip()}
    return {"when": now.isoformat(), **kept}
