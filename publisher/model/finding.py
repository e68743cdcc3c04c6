"""What is wrong with a thing that came in or is about to go out? One finding says which rule, where, and how bad."""

from dataclasses import dataclass
from typing import Literal

Layer = Literal["wellformed", "xsd", "security", "semantic", "profile", "policy", "state"]

REFUSING_LAYERS: frozenset[Layer] = frozenset({"wellformed", "xsd", "security"})
"""Layers whose findings refuse a message by themselves; a pack may turn the others into refusals."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that was broken. `path` is XPath-like (`/alert/info[1]/web`) or a JSON path (`$.sent`), never empty.

    `code` is the name the public CAP validator gives the rule where it has one. `message` says what was found and what
    would be accepted.
    """

    code: str
    layer: Layer
    refuses: bool
    path: str
    message: str
