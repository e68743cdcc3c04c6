"""What was answered to whoever sent a message?"""

from dataclasses import dataclass

from publisher.model.bulletin import Content
from publisher.model.finding import Finding
from publisher.model.pack import PackArea


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to a sender: our id, the outcome, every finding, and what classification made of it.

    `readable`: what could be made out of a refused message, for a draft by hand, never to be published as it is.
    """

    id: str
    outcome: str
    findings: tuple[Finding, ...]
    content: Content | None
    references: tuple[str, ...]
    repeated: bool = False
    readable: Content | None = None
    extra_areas: tuple[PackArea, ...] = ()
