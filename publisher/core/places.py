"""Which places does an alert name? By code, by name, by phrase; never a place it did not name.

Given areas (codes, area words) are lists; running text is prose, where a town's short name must stand in a list to count
and where "本区" before a narrower place only says in which county that lies.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from publisher.core.lexicon import Place, lexicon
from publisher.core.text_zh import EXCEPT
from publisher.core.vocabulary import Hit, fold
from publisher.model.pack import Pack
from publisher.model.words import AreaCode

SEPARATORS = re.compile(r"[,;、；，\n]|\s{2,}")

_CODES = re.compile(r"[,;\s，；、]+")
_DIGITS = 12
_CLAUSE = re.compile(r"[^,;。；，.\n!！?？:]+")
_CLAUSE_END = re.compile(r"[,;。；，.\n!！?？:]")
_LISTED_AFTER = re.compile(
    r"\s*(?:$|[,、，;；。)]|等|及|和|与|以及|或|街镇|街道|镇|乡|地区|区域|一带|部分|大部|全部|局部|境内|附近|沿线|将|有|出现|and\b)"
)
_LISTED_BEFORE = re.compile(r"(?:[、，,;；(:]|及|和|与|区|内|以前|以后|时|天|间|到|将|and)\s*$")
_OFFICE = re.compile(
    r"[\u4e00-\u9fff]{0,12}?(?:气象台|气象局|指挥部|政府|委员会|管理局|水务局|办公室|总站|支队|发布中心|预警中心)"
    r"|[\u4e00-\u9fff]{0,2}(?:大道|[东西南北中]路|机场|车站)|\s+(?:council|office|service|authority|board)\b"
)
_OTHERS = frozenset("省市县州旗国部的")
"""What stands before "most of" when another county is meant: 全省大部分地区."""
_LONGEST = 20_000
"""How many characters of running text are looked through for places; no real warning is nearly as long."""

_NAME = re.compile(r"[\u4e00-\u9fff]{2,8}")
_LIST = re.compile(r"[、和及与]")
_PROSE_BEFORE = re.compile(
    r".*(?:小时内?|分钟内?|以前|以后|之前|时内|今天|明天|夜里|白天|上午|下午|傍晚|凌晨|[到至内将])"
)
_PROSE_AFTER = re.compile(r"(?:等地|等|地区|区域|街镇|将|的|有|出现|部分|大部).*")
_STRANGER = re.compile(
    r"(?:^|(?<=[内间到至在对里夜天午,，]))(?![\u4e00-\u9fff]?[本我全各该])[\u4e00-\u9fff]{2,3}?(?<![地城园片市社小山海景灾辖新厂港校库林湖郊老特发税假范])[区县]"
    r"(?:[\u4e00-\u9fff]{1,4}?(?:街道|镇|乡))?(?=将|有|可能|等|、|部分|大部|局部|仍|已|和|及|$)"
)
"""Another county and its town, where prose names none of ours: 闵行区浦江镇; not 本区, 沿海地区, 开发区."""
_FILLER = re.compile(
    r"等地|等|及其|以及|街镇|街道|地区|区域|范围|一带|附近|部分|全部|所有|其他|各|和|及|与|的|内|镇|"
    r"\b(?:and|or|the|of|in|parts?|areas?|all|near|including|whole|county|district)\b|[\W\d_]+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Named:
    """Places found: ours, words or codes that are not, whether more than ours was meant, and words to confirm."""

    areas: tuple[AreaCode, ...] = ()
    elsewhere: tuple[str, ...] = ()
    wider: bool = False
    unsure: tuple[str, ...] = ()

    def joined(self, other: "Named") -> "Named":
        """Both together, each thing once."""
        return Named(
            tuple(dict.fromkeys((*self.areas, *other.areas))),
            tuple(dict.fromkeys((*self.elsewhere, *other.elsewhere))),
            self.wider or other.wider,
            tuple(dict.fromkeys((*self.unsure, *other.unsure))),
        )


def in_codes(values: Iterable[str], pack: Pack) -> Named:
    """The places of area codes, comma-joined or not; 6, 9, 12 and more digits are one code, a code above ours shrinks.

    GB/T 2260 gives 6 digits, the statistical division codes 9 and 12; some senders hang two more on.
    """
    codes = dict.fromkeys(_normal(part) for value in values for part in _CODES.split(value) if part)
    ours: list[AreaCode] = []
    wider = False
    for code in codes:
        if (known := _known(code, pack)) is not None:
            ours.append(known)
        elif _above(code, pack):
            wider = True
            ours.append(pack.about.root_area)
    elsewhere = tuple(code for code in codes if _known(code, pack) is None and not _above(code, pack))
    return Named(tuple(dict.fromkeys(ours)), elsewhere, wider)


def _normal(code: str) -> str:
    return code[:_DIGITS].ljust(_DIGITS, "0") if code.isascii() and code.isdigit() and len(code) >= 6 else code


def _known(code: str, pack: Pack) -> AreaCode | None:
    for spelling in (code, code.upper()):
        if spelling in pack.areas:
            return AreaCode(spelling)
    return None


def _above(code: str, pack: Pack) -> bool:
    """Whether a division code is that of the province or city that our own root's code begins with."""
    root = pack.about.root_area
    if not (code.isdigit() and root.isdigit() and len(code) == len(root) == _DIGITS):
        return False
    return any(code == root[:digits].ljust(_DIGITS, "0") for digits in (2, 4)) and code != root


def in_words(text: str, pack: Pack, today: date) -> Named:
    """The places of given area words: a list of names and phrases; what is left over is named as not ours."""
    folded = fold(text)
    hits = [one for one in lexicon(pack).places.find(folded) if _whole_name(one, folded)]
    if any(not _general(one, pack) for one in hits):
        hits = [one for one in hits if not _general(one, pack)]
    found = _meant(hits, pack, today)
    rest = "".join(_blanked(folded, lexicon(pack).places.find(folded)))
    left = [part.strip() for part in SEPARATORS.split(rest)]
    codes = in_codes((part for part in left if part.isdigit()), pack)
    others = tuple(part for part in left if not part.isdigit() and len(_FILLER.sub("", part)) >= 2)
    return found.joined(codes).joined(Named(elsewhere=others))


def _blanked(text: str, hits: Sequence[Hit[Place]]) -> Iterator[str]:
    at = 0
    for one in hits:
        yield text[at : one.start]
        at = one.end
    yield text[at:]


def _whole_name(one: Hit[Place], text: str) -> bool:
    return not one.value.short or bool(_LISTED_AFTER.match(text, one.end))


def _general(one: Hit[Place], pack: Pack) -> bool:
    """Words that only say which county is spoken of: its name, "本区", "the whole county"; not "most towns"."""
    root = (pack.about.root_area,)
    return one.value.areas == root or any(phrase.areas == root and phrase.sure for phrase in one.value.phrases)


def in_text(text: str, pack: Pack, today: date) -> Named:
    """The places running prose warns of, with the other names of a list they stand in."""
    folded = fold(text[:_LONGEST])
    kept = _spoken_of(folded, pack)
    return _meant(kept, pack, today).joined(Named(elsewhere=tuple(_unknown(kept, folded, pack))))


def words_in_text(text: str, pack: Pack) -> tuple[str, ...]:
    """The words with which prose names places, ours and the others of their lists, each once."""
    folded = fold(text[:_LONGEST])
    kept = _spoken_of(folded, pack)
    others = _unknown(kept, folded, pack) if kept else (one[0] for one in _STRANGER.finditer(folded))
    return tuple(dict.fromkeys((*(one.word for one in kept), *others)))


def narrower_in_text(text: str, pack: Pack) -> tuple[str, ...]:
    """The words with which prose names places smaller than the whole county, each once."""
    hits = (one for one in _spoken_of(fold(text[:_LONGEST]), pack) if not _general(one, pack))
    return tuple(dict.fromkeys(one.word for one in hits))


def _spoken_of(folded: str, pack: Pack) -> list[Hit[Place]]:
    spared = [one.span() for one in EXCEPT.finditer(folded)]
    found = (one for one in lexicon(pack).places.find(folded) if not any(a <= one.start < b for a, b in spared))
    hits = [one for one in found if _speaks_of(one, folded)]
    return [one for at, one in enumerate(hits) if not _qualifies(one, hits[at + 1 :], folded, pack)]


def _unknown(kept: Sequence[Hit[Place]], folded: str, pack: Pack) -> dict[str, None]:
    """Names that stand with a kept place in a list: 中心城区、宝山、(浦东)、崇明等地."""
    starts = [one.start for one in kept]
    found: dict[str, None] = {}
    for clause in _CLAUSE.finditer(folded):
        held = bisect_left(starts, clause.start()) < bisect_left(starts, clause.end())
        for name in _listed(clause[0]) if held else ():
            if not lexicon(pack).places.find(name):
                found[name] = None
    return found


def _listed(clause: str) -> Iterator[str]:
    """The members of a clause's list, the first without the prose before it, the last without that after it."""
    first, *rest = clause.split("、")
    if rest:
        members = [_PROSE_BEFORE.sub("", first), *rest[:-1], _PROSE_AFTER.sub("", rest[-1])]
        names = (name.strip() for member in members for name in _LIST.split(member))
        yield from (name for name in names if _NAME.fullmatch(name))


def in_title(text: str, pack: Pack, today: date) -> Named:
    """The places a title or an issuer's name holds: 浦东新区 in 浦东新区气象台."""
    hits = [one for one in lexicon(pack).places.find(fold(text)) if not one.value.short]
    narrower = [one for one in hits if not _general(one, pack)]
    return _meant(narrower or hits, pack, today)


def _speaks_of(one: Hit[Place], text: str) -> bool:
    """Not an office or a road, not most of another county, and a short name only in a list or before 街镇 and the like."""
    if _OFFICE.match(text, one.end):
        return False
    if any(not phrase.sure for phrase in one.value.phrases):
        return text[max(one.start - 1, 0) : one.start] not in _OTHERS
    if not one.value.short:
        return True
    before = text[max(one.start - 8, 0) : one.start]
    return bool(_LISTED_AFTER.match(text, one.end) and (not before.strip() or _LISTED_BEFORE.search(before)))


def _qualifies(one: Hit[Place], later: Sequence[Hit[Place]], text: str, pack: Pack) -> bool:
    """Whether a general word only leads to a narrower place in the same clause: 本区花木街道."""
    if not _general(one, pack) or not later:
        return False
    between = text[one.end : later[0].start]
    return not _CLAUSE_END.search(between) and not _LIST.match(between)


def _meant(hits: Sequence[Hit[Place]], pack: Pack, today: date) -> Named:
    """The areas the words mean; of a name that several places share, the one whose parent is named too."""
    areas: list[AreaCode] = []
    unsure: list[str] = []
    shared: list[Hit[Place]] = []
    for one in hits:
        phrase = next((each for each in one.value.phrases if each.since <= today.isoformat()), None)
        if phrase is not None:
            areas += phrase.areas
            unsure += () if phrase.sure else (one.word,)
        elif len(one.value.areas) == 1:
            areas += one.value.areas
        elif one.value.areas:
            shared.append(one)
    around = frozenset(areas) - {pack.about.root_area}
    elsewhere: list[str] = []
    for one in shared:
        nested = [code for code in one.value.areas if pack.inside(code, around)]
        areas += nested if len(nested) == 1 else ()
        elsewhere += () if len(nested) == 1 else (one.word,)
    return Named(tuple(dict.fromkeys(areas)), tuple(elsewhere), unsure=tuple(dict.fromkeys(unsure)))


def fewest(codes: Iterable[AreaCode], pack: Pack) -> tuple[AreaCode, ...]:
    """Sorted, without those that lie inside another one that is named too."""
    named = frozenset(codes)
    return tuple(sorted(code for code in named if not any(up in named for up in pack.ancestors(code)[1:])))
