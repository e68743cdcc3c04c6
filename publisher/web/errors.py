"""How is a refusal told? RFC 9457 problem details: what kind, the status, and every reason with where and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from publisher.model.plan import Told
from publisher.render.led import OtherRenderer
from publisher.work.approve import Stale
from publisher.work.bulletins import Conflict, Missing, Refused
from publisher.work.submit import Blocked

TYPE = "urn:tocsin:problem:"
MEDIA_TYPE = "application/problem+json"

TITLES: Mapping[str, str] = {
    "not-signed-in": "You are not signed in",
    "not-allowed": "You may not do this",
    "scope": "This lies outside what you deal with",
    "refused": "You may not sign this",
    "stale-plan": "The plan is too old to act on",
    "other-renderer": "The program was renewed since this was submitted",
    "blocked": "The plan has problems that stop it",
    "missing": "There is no such thing",
    "invalid": "The request does not fit",
    "not-json": "The body is not JSON",
    "media-type": "This media type is not taken here",
    "too-large": "The body is too large",
    "key-needed": "This request needs an Idempotency-Key",
    "key-reused": "This Idempotency-Key was used for another request",
    "key-busy": "A request with this Idempotency-Key has not ended",
    "alert-refused": "The alert is refused",
    "pack-refused": "The pack has mistakes",
    "identifier-reused": "This identifier was used by other bytes",
    "throttled": "Too many tries",
    "old-playlist": "A newer playlist is out",
    "channel": "The channel cannot be opened",
    "internal": "Something went wrong here",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a refusal: a code for machines, where it lies, and what would be accepted."""

    code: str
    says: str
    where: str = ""
    told: Told = field(default_factory=dict, hash=False)

    def as_json(self) -> dict[str, Any]:
        """Its JSON form, without what is empty. `told`: the figures and names in what it says."""
        more = {"where": self.where, "told": dict(self.told)}
        return {"code": self.code, "says": self.says} | {name: value for name, value in more.items() if value}


@dataclass(eq=False)
class Problem(Exception):
    """An answer other than success. `slug` names its kind: `urn:tocsin:problem:<slug>`.

    Not frozen: leaving a context manager sets an exception's traceback, which a frozen one would refuse.
    """

    status: int
    slug: str
    reasons: tuple[Reason, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.detail

    @property
    def title(self) -> str:
        """The kind in words."""
        return TITLES.get(self.slug, self.slug.replace("-", " "))

    @property
    def detail(self) -> str:
        """Every reason in one line."""
        return "; ".join(one.says for one in self.reasons) or self.title

    def as_json(self) -> dict[str, Any]:
        """The RFC 9457 object."""
        return {
            "type": TYPE + self.slug,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "reasons": [one.as_json() for one in self.reasons],
            **self.more,
        }


def simple(status: int, slug: str, says: str, *, where: str = "", **headers: str) -> Problem:
    """A problem with one reason."""
    return Problem(status, slug, (Reason(slug, says, where),), {k.replace("_", "-"): v for k, v in headers.items()})


KNOWN = (Problem, Missing, Stale, OtherRenderer, Conflict, Refused, Blocked, ValidationError)
"""Everything a deed refuses with; whatever else is raised is a defect."""


def of(error: Exception) -> Problem | None:
    """The problem a refusal of the house amounts to; None for an error nobody foresaw."""
    match error:
        case Problem():
            return error
        case Missing():
            return simple(404, "missing", error.says)
        case Stale() | OtherRenderer():
            return simple(409, "stale-plan" if isinstance(error, Stale) else "other-renderer", str(error))
        case Conflict():
            return _conflict(error)
        case Refused():
            return _refused(error)
        case Blocked():
            reasons = tuple(Reason(one.code, one.message, one.where, one.told) for one in error.problems)
            return Problem(422, "blocked", reasons)
        case ValidationError():
            return invalid(error)
        case _:
            return None


def _conflict(error: Conflict) -> Problem:
    """Somebody else was first, or the state is another; a missing role is no conflict but a refusal."""
    reasons = tuple(Reason(error.code, one) for one in error.reasons)
    return Problem(403, "refused", reasons) if error.code == "role" else Problem(409, error.code, reasons)


def _refused(error: Refused) -> Problem:
    reasons = tuple(Reason(one.code, one.says) for one in error.reasons)
    codes = {one.code for one in error.reasons}
    if codes and codes <= {"stale"}:
        return Problem(409, "stale-plan", reasons)
    if codes and codes <= {"scope"}:
        return Problem(403, "scope", reasons)
    return Problem(409 if codes and codes <= {"stale", "digest"} else 403, "refused", reasons)


def invalid(error: ValidationError, where: str = "") -> Problem:
    """Every field that does not fit, by its path."""
    return Problem(422, "invalid", tuple(_fields(error.errors(), where)))


def _fields(found: Iterable[Any], where: str) -> Iterable[Reason]:
    for one in found:
        path = ".".join((*((where,) if where else ()), *map(str, one["loc"])))
        yield Reason(one["type"], one["msg"], path or "$")
