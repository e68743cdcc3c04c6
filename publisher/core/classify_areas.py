"""Where is an alert for? Its own areas, then its text, cut down to what its source may warn: never more than both."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.core import places
from publisher.core.classify_work import Work, listed
from publisher.core.places import Named
from publisher.core.text_zh import take_apart
from publisher.model.alert import AlertArea, Info
from publisher.model.pack import Pack, PackArea, said
from publisher.model.plan import Why
from publisher.model.words import AreaCode, Language

if TYPE_CHECKING:
    from publisher.core.shapes import Shaped

_LONGEST_CODE = 24
_NOT_IN_A_CODE = re.compile(r"[^0-9A-Za-z._-]+")


@dataclass(frozen=True, slots=True)
class _Found:
    """What was named and how; `outside` when codes or shapes certainly lie elsewhere, `near` when a shape is ours."""

    named: Named
    how: str
    outside: bool = False
    near: bool = False


def areas_of(on: Work, info: Info, path: str, *, ends: bool) -> tuple[AreaCode, ...]:
    """The places of one info, sorted, within the source's; empty when a finding refuses them.

    A lift or retraction that names no place ends what its source has standing, wherever in its places that is.
    """
    if on.anywhere:
        return _as_given(on, info, path)
    given = [area for area in info.areas if area.description.strip() or area.geocodes or _drawn(area)]
    found = _all(on, given, path) if given else _from_text(on, info, path)
    if not found.named.areas:
        return _nowhere(on, found, path, ends=ends and not given)
    kept = _clip(on, found, path)
    if found.named.unsure:
        says = f"{listed(found.named.unsure)} was read as {_names(on.pack, found.named.areas)}: please confirm"
        on.say("AREA_PROPOSED", path, says)
    if given and kept:
        _narrower(on, info, kept, path)
    return kept


def jurisdiction(on: Work) -> frozenset[AreaCode]:
    """The places the source may warn: its own, else its unit's, else the whole county."""
    unit = on.pack.units.get(on.source.unit)
    return frozenset(on.source.areas or (unit.jurisdiction if unit else ()) or (on.pack.about.root_area,))


def _drawn(area: AlertArea) -> bool:
    return bool(area.polygons or area.circles)


def _names(pack: Pack, codes: Sequence[str]) -> str:
    return listed(
        said(pack.areas[AreaCode(code)].name, pack.language) if code in pack.areas else code for code in codes
    )


def _all(on: Work, given: Sequence[AlertArea], path: str) -> _Found:
    found = [_one(on, area, path) for area in given]
    named = Named()
    for one in found:
        named = named.joined(one.named)
    hows = dict.fromkeys(one.how for one in found if one.named.areas)
    return _Found(named, " and ".join(hows), any(one.outside for one in found), any(one.near for one in found))


def _one(on: Work, area: AlertArea, path: str) -> _Found:
    """One area: a shape far away vetoes its codes; codes, then words, then what is certain of the shape."""
    shape = _shaped(area, on.pack)
    if shape is not None and not shape.near:
        return _Found(
            Named(elsewhere=(f"the shape of {area.description}" if area.description else "a shape",)),
            "shape",
            outside=True,
        )
    coded = _coded(area, on.pack)
    if coded.areas:
        return _Found(coded, "code")
    words = places.in_words(area.description, on.pack, on.today)
    if words.areas:
        return _Found(words, "name")
    if shape is not None and shape.inside:
        _only_certain(on, shape.inside, path)
        return _Found(Named(shape.inside), "shape")
    return _Found(coded.joined(words), "", outside=bool(coded.elsewhere), near=shape is not None)


def _shaped(area: AlertArea, pack: Pack) -> "Shaped | None":
    """What its drawing says; the library for that is slow to load, and most messages draw nothing."""
    if not (area.polygons or area.circles):
        return None
    from publisher.core import shapes

    return shapes.shaped(area, pack)


def _coded(area: AlertArea, pack: Pack) -> Named:
    """Codes of any scheme; one we do not know is worth a word only under a name that carries our scheme."""
    ours = {name.casefold() for name in (*pack.intake.area_value_names, pack.about.area_scheme, "area")}
    named = places.in_codes((value for _, value in area.geocodes), pack)
    under_ours = places.in_codes((value for name, value in area.geocodes if name.casefold() in ours), pack)
    return Named(named.areas, under_ours.elsewhere, named.wider)


def _only_certain(on: Work, inside: Sequence[AreaCode], path: str) -> None:
    if inside != (on.pack.about.root_area,):
        says = (
            f"certainly in the shape: {_names(on.pack, inside)}; of other places it cannot be told, choose them by hand"
        )
        on.say("AREA_FROM_SHAPE", path, says)


def _from_text(on: Work, info: Info, path: str) -> _Found:
    """No area is given: what the forecast names, else the rest of the text, else the issuer's name or the headline."""
    parts = take_apart(info.description)
    named = places.in_text(parts.forecast, on.pack, on.today)
    named = named if named.areas else places.in_text(parts.told, on.pack, on.today)
    if named.areas:
        on.say("AREA_FROM_TEXT", path, f"no area is given; the text names {_names(on.pack, named.areas)}")
        return _Found(named, "running text")
    titled = _in_title(on, info)
    if titled.areas:
        says = f"no area is given and the text names none; the title names {_names(on.pack, titled.areas)}"
        on.say("AREA_FROM_TITLE", path, f"{says}: please confirm")
        return _Found(titled, "title")
    return _Found(named, "")


def _in_title(on: Work, info: Info) -> Named:
    titles = (info.headline, take_apart(info.description).title, info.event)
    return next((named for one in titles if (named := places.in_title(one, on.pack, on.today)).areas), Named())


def _nowhere(on: Work, found: _Found, path: str, *, ends: bool) -> tuple[AreaCode, ...]:
    allowed = jurisdiction(on)
    ours = _names(on.pack, sorted(allowed))
    if found.outside:
        says = f"{listed(found.named.elsewhere)} lies elsewhere; source {on.source.id} may warn {ours}"
        on.say("AREA_OUTSIDE_JURISDICTION", path, says, refuses=True)
    elif ends:
        allowed &= on.pack.areas.keys()
        on.say("AREA_ASSUMED", path, f"names no place: taken as all of {ours} where this source has it standing")
        return tuple(sorted(allowed))
    elif found.near:
        says = "the shape holds no place we know the position of; name the places by code or word"
        on.say("AREA_UNKNOWN", path, says, refuses=True)
    else:
        what = f"{listed(found.named.elsewhere)} is unknown here" if found.named.elsewhere else "no place is named"
        says = f"{what}; name places of {ours} by code, name, phrase or shape (an unknown area never means everywhere)"
        on.say("AREA_UNKNOWN", path, says, refuses=True)
    return ()


def _clip(on: Work, found: _Found, path: str) -> tuple[AreaCode, ...]:
    """The part that lies in the source's places: an area that holds one of them shrinks to it."""
    allowed = jurisdiction(on)
    kept: list[AreaCode] = []
    for code in found.named.areas:
        if on.pack.inside(code, allowed):
            kept.append(code)
        else:
            kept += (one for one in sorted(allowed) if on.pack.inside(one, frozenset({code})))
    dropped = [code for code in found.named.areas if code not in kept]
    result = places.fewest(kept, on.pack)
    ours = _names(on.pack, sorted(allowed))
    if not result:
        says = f"source {on.source.id} may warn {ours}, not {_names(on.pack, found.named.areas)}"
        on.say("AREA_OUTSIDE_JURISDICTION", path, says, refuses=True)
        on.forbidden("which areas", "areas", says)
    elif dropped or found.named.elsewhere or found.named.wider:
        on.clipped = True
        left = [_names(on.pack, [code]) for code in dropped] + list(found.named.elsewhere)
        says = f"kept {_names(on.pack, result)}; left out: {listed(left) if left else 'what lies around it'}"
        on.say("AREA_CLIPPED", path, f"{says} (source {on.source.id} may warn {ours})")
    if result:
        on.why.append(Why("which areas", listed(result), "areas.csv", True, f"from {found.how}"))
    return result


def _narrower(on: Work, info: Info, kept: Sequence[AreaCode], path: str) -> None:
    """Say so when the text speaks of fewer places than the alert was addressed to; the officer may narrow it."""
    named = places.in_text(take_apart(info.description).forecast, on.pack, on.today)
    within = frozenset(kept)
    smaller = [code for code in named.areas if code not in within and on.pack.inside(code, within)]
    if smaller and len(smaller) == len(named.areas):
        says = f"is for {_names(on.pack, kept)}, but the text speaks of {_names(on.pack, smaller)}: narrow it if that is meant"
        on.say("AREA_NARROWER_IN_TEXT", path, says)


def _as_given(on: Work, info: Info, path: str) -> tuple[AreaCode, ...]:
    """The alert's own areas as the jurisdiction: those the pack knows as they are, others as new places under its root."""
    codes: list[AreaCode] = []
    for area in info.areas:
        known = _coded(area, on.pack)
        words = Named() if known.areas else places.in_words(area.description, on.pack, on.today)
        sure = known.areas or (words.areas if not words.elsewhere else ())
        codes += sure or (_added(on, area),)
    if not codes:
        name = info.sender_name or on.alert.sender or on.alert.identifier
        on.say("AREA_ASSUMED", path, f"names no area: taken as the places of {name}")
        codes.append(_added(on, AlertArea(name)))
    on.why.append(Why("which areas", listed(codes), "the alert itself", True, "from anywhere: its own areas"))
    return places.fewest(codes, on.pack)


def _added(on: Work, area: AlertArea) -> AreaCode:
    """The code of a place the pack does not have; the same codes or outline in another language are the same place."""
    key = _key(area)
    if key not in on.given:
        code = _free(on, area)
        name = area.description.strip() or code
        names: dict[str, str] = {language: name for language in on.pack.about.languages}
        on.extra[code] = PackArea(code, names, "given", on.pack.about.root_area)
        on.given[key] = code
    return on.given[key]


def _key(area: AlertArea) -> object:
    return area.geocodes or (area.polygons, area.circles) if _drawn(area) or area.geocodes else area.description


def _free(on: Work, area: AlertArea) -> AreaCode:
    values = (_NOT_IN_A_CODE.sub("-", value).strip("-.") for _, value in area.geocodes)
    stem = next((value for value in values if 0 < len(value) <= _LONGEST_CODE), "shape")
    at = 1
    code = stem if stem != "shape" else "shape-1"
    while code in on.extra or code in on.pack.areas:
        at += 1
        code = f"{stem}-{at}"
    return AreaCode(code)


def name_in(on: Work, info: Info, language: Language) -> None:
    """Give the places an alert brought along their names in a further language of the pack."""
    for area in info.areas:
        code = on.given.get(_key(area))
        if code is not None and area.description.strip():
            old = on.extra[code]
            on.extra[code] = PackArea(code, {**old.name, language: area.description.strip()}, old.kind, old.parent)
