"""How do targets share calls, and which of them did a call miss? WeCom takes many at once."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from channels.wecom.codes import NOT_REACHED
from publisher.model.delivery import Answer, Refused, Sent, Target

_KINDS = (("party:", "toparty", 100), ("tag:", "totag", 100), ("", "touser", 1000))
_NAME = re.compile(r"[\w.@-]{1,64}")
_MISSED = {"toparty": ("invalidparty",), "totag": ("invalidtag",)}
_MISSED_USERS = ("invaliduser", "unlicenseduser")


@dataclass(frozen=True, slots=True)
class Call:
    """Targets that share one call, the field that names them, and their names in it."""

    field: str
    targets: tuple[Target, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The targets' addresses as WeCom writes them."""
        return tuple(_name(target.address) for target in self.targets)

    def answers(self, ref: str, fields: Mapping[str, object]) -> list[tuple[Target, Answer]]:
        """Sent for all but those that a successful answer lists as not reached."""
        missed = {
            name.casefold(): (NOT_REACHED[kind], kind)
            for kind in _MISSED.get(self.field, _MISSED_USERS)
            for name in str(fields.get(kind) or "").split("|")
            if name
        }
        return [
            (target, Refused(*found) if (found := missed.get(name.casefold())) else Sent(ref))
            for target, name in zip(self.targets, self.names, strict=True)
        ]


def addressable(address: str) -> bool:
    """Whether `address` names one member, party or tag; `@all` and lists would widen the audience."""
    name = _name(address)
    return bool(_NAME.fullmatch(name)) and not name.startswith("@")


def calls(targets: Sequence[Target], *, one_crowd: bool = False) -> Iterator[tuple[Target, ...]]:
    """Targets in groups of one kind, no larger than WeCom allows, in an order that repeats.

    `one_crowd`: a party or tag has a call of its own, so that whoever presses its button is known to belong to it.

    Those that are not addressable come alone, for a call that will not be made.
    """
    good = [target for target in targets if addressable(target.address)]
    yield from ((target,) for target in targets if not addressable(target.address))
    for prefix, _, most in _KINDS:
        same = sorted((t for t in good if _kind(t.address)[0] == prefix), key=lambda t: t.key)
        size = 1 if one_crowd and prefix else most
        for start in range(0, len(same), size):
            yield tuple(same[start : start + size])


def call(group: Sequence[Target]) -> Call:
    """The call for one of the groups of `calls`."""
    return Call(_kind(group[0].address)[1], tuple(group))


def _kind(address: str) -> tuple[str, str, int]:
    return next(kind for kind in _KINDS if address.startswith(kind[0]))


def _name(address: str) -> str:
    return address.removeprefix(_kind(address)[0])
