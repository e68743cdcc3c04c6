"""What does a bulletin mean to one endpoint? Holds what it last saw against what now holds where it stands.

Nobody is woken for what did not change, nobody is left with what no longer holds, and whoever missed the version in
force reads the new one as a first issue.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from publisher.model.bulletin import Chain, Content, Issued, Section, Seen, Words
from publisher.model.directory import Endpoint
from publisher.model.pack import Audience, Pack
from publisher.model.words import Act, AreaCode, EndpointClass, Language, LevelId

Part = tuple[LevelId, frozenset[AreaCode], Words | None]
"""One section as an endpoint sees it: level, those of its places that are warned, and its words."""


@dataclass(frozen=True, slots=True)
class View:
    """What a bulletin says to one endpoint: the gravest section that covers it, and all it sees, gravest first."""

    section: int | None = None
    rank: int = -1
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """Which text one endpoint is owed. `past`: `section` counts `Chain.past`; `whole`: it sees other sections too."""

    section: int
    endpoint_class: EndpointClass
    past: bool = False
    whole: bool = False


class Viewer:
    """Views of one content's sections under one audience; endpoints of the same places and language share a view."""

    def __init__(self, sections: Sequence[Section], audience: Audience, pack: Pack) -> None:
        self._sections, self._scope, self._pack = sections, audience.scope, pack
        self._areas = [frozenset(section.areas) for section in sections]
        self._known: dict[tuple[tuple[AreaCode, ...], str], View] = {}

    def of(self, endpoint: Endpoint) -> View:
        """What `endpoint` sees."""
        key = endpoint.areas, endpoint.language
        if key not in self._known:
            self._known[key] = self._view(*key)
        return self._known[key]

    def _view(self, places: Sequence[AreaCode], language: Language) -> View:
        seen = [(number, warned) for number in range(len(self._sections)) if (warned := self._warned(number, places))]
        if not seen:
            return View()
        ranked = sorted(seen, key=lambda one: (-self._rank(one[0]), one[0]))
        parts = sorted((self._part(*one, language) for one in seen), key=self._order)
        return View(ranked[0][0], self._rank(ranked[0][0]), tuple(parts))

    def _warned(self, number: int, places: Sequence[AreaCode]) -> frozenset[AreaCode]:
        """Those of the endpoint's places that section `number` warns of, and under a wide scope the areas inside them."""
        areas, pack = self._areas[number], self._pack
        if self._scope == "all":
            return areas
        found = frozenset(place for place in places if pack.inside(place, areas))
        if self._scope == "within":
            return found
        mine = frozenset(places)
        return found | frozenset(area for area in areas if pack.inside(area, mine))

    def _part(self, number: int, warned: frozenset[AreaCode], language: Language) -> Part:
        words = self._sections[number].words
        return self._sections[number].level, warned, words.get(language) or words.get(self._pack.language)

    def _rank(self, number: int) -> int:
        return self._pack.level[self._sections[number].level].rank

    def _order(self, part: Part) -> tuple[int, Sequence[str]]:
        return -self._pack.level[part[0]].rank, sorted(part[1])


class Classer:
    """Decides the meaning of one bulletin for each endpoint of one audience.

    `pull`: whoever fetches gets all there is. `ends_for_all`: an end is also for those who certainly never got the text.
    """

    def __init__(
        self, content: Content, audience: Audience, *, pack: Pack, chain: Chain, pull: bool, ends_for_all: bool = False
    ) -> None:
        self._content, self._chain, self._pull = content, chain, pull
        self._ends_for_all = ends_for_all or pull
        self._view = Viewer(content.sections, audience, pack)
        self._viewer: Callable[[Sequence[Section]], Viewer] = lambda sections: Viewer(sections, audience, pack)
        self._viewers: dict[int, Viewer] = {}

    def meaning(self, endpoint: Endpoint) -> Meaning | None:
        """None when the bulletin is nothing to this endpoint."""
        view = self._view.of(endpoint)
        if self._content.act.ends:
            return self._ended(endpoint, view)
        if self._content.act is Act.ISSUE or self._pull:
            return self._covered(view, EndpointClass.NEW)
        return self._updated(endpoint, view)

    def _covered(self, view: View, cls: EndpointClass) -> Meaning | None:
        if view.section is None:
            return None
        return Meaning(view.section, cls, whole=len(view.parts) > 1 and not self._pull)

    def _ended(self, endpoint: Endpoint, view: View) -> Meaning | None:
        seen = self._chain.seen.get(endpoint.id)
        if seen is not None and self._concerns(seen):
            found = self._covered(view, EndpointClass.LEFT)
            # Whoever fetches is served by the bulletin's own sections; only a message can speak of an earlier one.
            past = None if self._pull else self._past(endpoint, seen)
            return found or past or Meaning(0, EndpointClass.LEFT)
        return self._covered(view, EndpointClass.LEFT) if self._ends_for_all else None

    def _concerns(self, seen: Seen) -> bool:
        """A lift is for everybody who may have seen the chain; a retract for those who may have seen what it names."""
        if self._content.act is Act.LIFT:
            return True
        named = self._version_named
        return named is None or named in seen.versions

    @cached_property
    def _version_named(self) -> int | None:
        return next(
            (one.bulletin.version for one in self._chain.issued if one.bulletin.id == self._content.names), None
        )

    def _updated(self, endpoint: Endpoint, view: View) -> Meaning | None:
        seen = self._chain.seen.get(endpoint.id)
        old = View() if seen is None else self._seen(endpoint, seen)
        if view.section is None:
            return self._past(endpoint, seen) if seen is not None else None
        if old.section is None or old.parts != self._of(self._chain.standing).of(endpoint).parts:
            return self._covered(view, EndpointClass.NEW)
        sure = seen is not None and seen.sure
        return self._covered(view, self._compared(old, view, sure=sure))

    def _compared(self, old: View, new: View, *, sure: bool) -> EndpointClass:
        if new.rank != old.rank:
            return EndpointClass.RAISED if new.rank > old.rank else EndpointClass.LOWERED
        if new.parts != old.parts or self._times_changed:
            return EndpointClass.CHANGED
        # What is still on its way will be stopped by this version: only a text that left us spares a new one.
        return EndpointClass.UNCHANGED if sure else EndpointClass.NEW

    @cached_property
    def _times_changed(self) -> bool:
        """Whether everybody must hear of the times: it begins at another time, or its end is all that changes."""
        if self._chain.standing is None:
            return False
        old, new = self._chain.standing.bulletin.content, self._content
        if old.onset != new.onset:
            return True
        ends = old.until_lifted, old.expires
        return ends != (new.until_lifted, new.expires) and _said(old) == _said(new)

    def _past(self, endpoint: Endpoint, seen: Seen) -> Meaning | None:
        """What somebody leaves whom the bulletin covers no more: the section they last saw."""
        last = self._chain.told(seen.versions[-1])
        view = self._of(last).of(endpoint)
        if last is None or view.section is None:
            return None
        before = next(at for at, (one, _) in enumerate(self._chain.past) if one is last)
        return Meaning(before + view.section, EndpointClass.LEFT, past=True)

    def _seen(self, endpoint: Endpoint, seen: Seen) -> View:
        return self._of(self._chain.told(seen.versions[-1])).of(endpoint)

    def _of(self, issued: Issued | None) -> Viewer:
        version = issued.bulletin.version if issued else 0
        if version not in self._viewers:
            self._viewers[version] = self._viewer(issued.bulletin.content.sections if issued else ())
        return self._viewers[version]


def _said(content: Content) -> Sequence[tuple[LevelId, frozenset[AreaCode], Mapping[Language, Words]]]:
    return [(one.level, frozenset(one.areas), one.words) for one in content.sections]
