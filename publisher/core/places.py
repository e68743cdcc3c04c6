"""Which places does an alert mean? Codes first, then names, then phrases, then shapes; never a place it did not name."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from shapely.geometry import Point, Polygon
from shapely.ops import unary_union

from publisher.model.alert import AlertArea
from publisher.model.pack import Pack, PackArea, Phrase, said
from publisher.model.words import AreaCode

_SPLIT = re.compile(r"[,;\s，；、]+")
_FULL = 12
_NEAR = 0.2
"""Degrees (about 20 km): a shape further than this from every known point of the county cannot be meant for it."""
_KM = 1 / 111.2


@dataclass(frozen=True, slots=True)
class Places:
    """What was found: our areas, what was named but is not ours, and how (`code`, `name`, `phrase`, `shape`)."""

    areas: tuple[AreaCode, ...] = ()
    elsewhere: tuple[str, ...] = ()
    wider: bool = False
    unsure: tuple[str, ...] = ()
    how: str = ""


def find(given: Sequence[AlertArea], text: str, pack: Pack) -> Places:
    """The places of one info: from its areas, else from the running text. Shapes veto codes that they lie far from."""
    shapes = [shape for area in given for shape in _shapes(area)]
    near = not shapes or _near(shapes, pack)
    codes = [_normal(part) for area in given for _, value in area.geocodes for part in _SPLIT.split(value) if part]
    if not near:
        words = tuple(area.description for area in given if area.description)
        return Places(elsewhere=words or ("a shape outside",), how="shape")
    if codes:
        found = _by_codes(codes, pack)
        if found.areas or not any(area.description for area in given):
            return found
    named = _by_words("、".join(area.description for area in given), pack)
    if named.areas or named.wider:
        return named
    if shapes:
        return _by_shapes(shapes, pack)
    if not given or not any(area.description for area in given):
        return _by_words(text, pack)
    return Places(elsewhere=(*codes, *(area.description for area in given)), how="name")


def _normal(code: str) -> str:
    """6-, 9- and 12-digit codes are one; longer ones lose what a sender hung on them (GB/T 2260, statistics codes)."""
    if code.isdigit() and len(code) >= 6:
        return code[:_FULL].ljust(_FULL, "0")
    return code


def _by_codes(codes: Iterable[str], pack: Pack) -> Places:
    ours: list[AreaCode] = []
    elsewhere: list[str] = []
    wider = False
    root = pack.about.root_area
    for code in dict.fromkeys(codes):
        if code in pack.areas:
            ours.append(AreaCode(code))
        elif code.isdigit() and root.startswith(code.rstrip("0")) and code.rstrip("0"):
            wider = True
            ours.append(root)
        else:
            elsewhere.append(code)
    return Places(_fewest(ours, pack), tuple(elsewhere), wider, how="code")


def _fewest(codes: Iterable[AreaCode], pack: Pack) -> tuple[AreaCode, ...]:
    """Without those that lie inside another one that is named too."""
    named = frozenset(codes)
    kept = [code for code in dict.fromkeys(codes) if not any(up in named for up in pack.ancestors(code)[1:])]
    return tuple(sorted(kept))


@lru_cache(maxsize=8)
def _names(pack_hash: str, pack: "_Hashed") -> tuple[tuple[str, AreaCode], ...]:
    found = {name: area.code for area in pack.pack.areas.values() for name in _spellings(area, pack.pack)}
    return tuple(sorted(found.items(), key=lambda pair: -len(pair[0])))


@dataclass(frozen=True, eq=False)
class _Hashed:
    pack: Pack


def _spellings(area: PackArea, pack: Pack) -> Iterator[str]:
    small = area.parent is not None and area.parent != pack.about.root_area
    for name in area.name.values():
        yield name.casefold()
        if small:
            continue
        for ending in ("街道", "新镇", "镇", "新区", " subdistrict", " town", " township"):
            short = name.casefold().removesuffix(ending)
            if short != name.casefold() and len(short) >= 2:
                yield short


def _by_words(text: str, pack: Pack) -> Places:
    rest = text.casefold()
    found: list[AreaCode] = []
    unsure: list[str] = []
    how = ""
    for phrase in sorted(pack.phrases, key=lambda one: -max(map(len, one.words))):
        word = next((one for one in phrase.words if one.casefold() in rest), None)
        if word is not None:
            rest = rest.replace(word.casefold(), "\0")
            found += () if _general(phrase, pack) else phrase.areas
            how = "phrase"
            unsure += () if phrase.sure else (word,)
    for name, code in _names(pack.hash, _Hashed(pack)):
        if name in rest:
            rest = rest.replace(name, "\0")
            found += () if code == pack.about.root_area else (code,)
            how = how or "name"
    if how and not found:
        found = [pack.about.root_area]
    return Places(_fewest(found, pack), unsure=tuple(unsure), how=how)


def _general(phrase: Phrase, pack: Pack) -> bool:
    """Words that only name the county say nothing where a text names places within it; "most towns" does."""
    return phrase.sure and phrase.areas == (pack.about.root_area,)


def _shapes(area: AlertArea) -> Iterator[Polygon]:
    """Shapely outlines in (longitude, latitude); broken rings are mended by a zero buffer."""
    for ring in area.polygons:
        if len(ring) >= 4:
            yield Polygon([(lon, lat) for lat, lon in ring]).buffer(0)
    for lat, lon, km in area.circles:
        yield Point(lon, lat).buffer(max(km, 0.01) * _KM)


def _points(pack: Pack) -> Iterator[tuple[AreaCode, Point]]:
    for area in pack.areas.values():
        if area.point is not None:
            yield area.code, Point(area.point[0], area.point[1])


def _near(shapes: Sequence[Polygon], pack: Pack) -> bool:
    points = [point for _, point in _points(pack)]
    whole = unary_union(shapes).buffer(_NEAR)
    return not points or any(whole.contains(point) for point in points)


def _by_shapes(shapes: Sequence[Polygon], pack: Pack) -> Places:
    """Only places whose known point lies inside: a shape says nothing certain about the others."""
    whole = unary_union(shapes)
    inside = [code for code, point in _points(pack) if whole.contains(point)]
    return Places(_fewest(inside, pack), unsure=("a drawn shape",) if inside else (), how="shape")


def words(codes: Sequence[AreaCode], pack: Pack, language: str) -> str:
    """The places' names, for a finding."""
    return "、".join(said(pack.areas[code].name, language) for code in codes if code in pack.areas)
