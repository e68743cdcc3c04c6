"""Which area feeds exist, and which warnings belong in each? A warning counts for every place on, above or below its own.

The root area, and every place that a warning names or that lies above one, has feeds of its own. For any other place the
nearest of these keeps a feed of what covers all of it (`inside`), which is exactly what covers each place within: the web
process puts the place's own name and address on it. So feeds exist for every place, however deep, and a release writes
a handful of pages and not thousands.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from channels.feed.syndicate import Rendered
from publisher.model.pack import Pack, said
from publisher.model.words import AreaCode

INDEX = "/feeds/areas.json"
INSIDE = "inside"

Ground = tuple[frozenset[AreaCode], frozenset[AreaCode]]
"""(the warned areas with those that share ground with them, everything above these)."""


@dataclass(frozen=True, slots=True)
class Found:
    """`concern`: what counts for a place. `cover`: what lies over all of it, and so over every place within."""

    concern: Sequence[Rendered]
    cover: Sequence[Rendered]


def feeds(items: Sequence[Rendered], pack: Pack) -> Mapping[AreaCode, Found]:
    """Area -> its items, in their order, for every place that has feeds of its own."""
    shared = {code: area.overlaps for code, area in pack.areas.items() if area.overlaps}
    grounds = [(item, _ground(item.item.areas, pack, shared)) for item in items]
    root = [pack.about.root_area] if pack.about.root_area in pack.areas else []
    named = (code for _, (warned, above) in grounds for code in (*warned, *above) if code in pack.areas)
    return {area: _found(area, grounds, pack) for area in dict.fromkeys((*root, *sorted(named)))}


def _found(area: AreaCode, grounds: Sequence[tuple[Rendered, Ground]], pack: Pack) -> Found:
    cover = [item for item, (warned, _) in grounds if pack.inside(area, warned)]
    over = frozenset(id(item) for item in cover)
    return Found([item for item, (_, above) in grounds if id(item) in over or area in above], cover)


def index(pack: Pack, *, exercise: bool) -> bytes:
    """Every place with its name and the place above it: which area feeds there are."""
    areas = [
        {"code": area.code, "name": said(area.name, pack.language), "parent": area.parent}
        for area in pack.areas.values()
    ]
    return json.dumps({"exercise": exercise, "areas": areas}, ensure_ascii=False, separators=(",", ":")).encode()


def _ground(codes: Iterable[AreaCode], pack: Pack, shared: Mapping[AreaCode, Sequence[AreaCode]]) -> Ground:
    warned = set(codes)
    warned.update(other for code in codes for other in shared.get(code, ()))
    warned.update(code for code, others in shared.items() if not warned.isdisjoint(others))
    above = frozenset(upper for code in warned for upper in pack.ancestors(code))
    return frozenset(warned), above
