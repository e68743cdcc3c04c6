"""Which area feeds exist, and which warnings belong in each? A warning counts for every place on, above or below its own."""

from collections.abc import Iterable, Mapping, Sequence

from channels.feed.syndicate import Rendered
from publisher.model.pack import Pack
from publisher.model.words import AreaCode


def feeds(items: Sequence[Rendered], pack: Pack, depth: int) -> Mapping[AreaCode, Sequence[Rendered]]:
    """Area -> its items, in their order.

    The root and `depth` levels below it always have a feed, so that one can subscribe before anything happens. Deeper
    places have one while a warning names them or something below them.
    """
    grounds = {item: _ground(item.item.areas, pack) for item in items}
    return {
        area: [item for item in items if _counts(area, grounds[item], pack)]
        for area in dict.fromkeys((*_standing(pack, depth), *_named(items, pack)))
    }


def _standing(pack: Pack, depth: int) -> Iterable[AreaCode]:
    row = [pack.about.root_area] if pack.about.root_area in pack.areas else []
    for _ in range(depth + 1):
        yield from row
        row = [child for code in row for child in pack.children.get(code, ())]


def _named(items: Sequence[Rendered], pack: Pack) -> Iterable[AreaCode]:
    for item in items:
        for code in item.item.areas:
            yield from pack.ancestors(code)


def _ground(codes: Iterable[AreaCode], pack: Pack) -> tuple[frozenset[AreaCode], frozenset[AreaCode]]:
    """The warned areas with those that share ground with them, and everything above these."""
    warned = set(codes)
    warned.update(other for code in codes if code in pack.areas for other in pack.areas[code].overlaps)
    warned.update(area.code for area in pack.areas.values() if not warned.isdisjoint(area.overlaps))
    above = frozenset(upper for code in warned for upper in pack.ancestors(code))
    return frozenset(warned), above


def _counts(area: AreaCode, ground: tuple[frozenset[AreaCode], frozenset[AreaCode]], pack: Pack) -> bool:
    warned, above = ground
    return area in above or pack.inside(area, warned)
