"""Which words of a text stand for places, and what do they propose? 北部街镇 means these towns, if an officer says so."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from publisher.core.lexicon import lexicon
from publisher.core.vocabulary import fold
from publisher.model.bulletin import Content, Section
from publisher.model.pack import Pack, Phrase
from publisher.model.plan import Problem
from publisher.model.words import AreaCode


@dataclass(frozen=True, slots=True)
class Proposal:
    """Words found in a section's texts and the areas they stand for. `applied`: the section names just these or more."""

    section: int
    words: str
    areas: tuple[AreaCode, ...]
    sure: bool
    note: str
    applied: bool
    confirmed: bool


def proposals(content: Content, pack: Pack, today: date) -> tuple[Proposal, ...]:
    """Every phrase of `phrases.yaml` that is in force today and stands in a section's texts."""
    found = (one for number in range(len(content.sections)) for one in _section(content, number, pack, today))
    return tuple(found)


def _section(content: Content, number: int, pack: Pack, today: date) -> Iterator[Proposal]:
    section = content.sections[number]
    text = fold(" ".join(f"{one.headline} {one.description} {one.area}" for one in section.words.values()))
    for words, phrase in _found(text, pack, today).items():
        yield Proposal(
            section=number,
            words=words,
            areas=phrase.areas,
            sure=phrase.sure,
            note=phrase.note,
            applied=all(pack.inside(code, frozenset(section.areas)) for code in phrase.areas),
            confirmed=words in section.confirmed,
        )


def _found(text: str, pack: Pack, today: date) -> dict[str, Phrase]:
    """The phrases said in a folded text. Words such as 本区, which only say whose text it is, propose nothing."""
    found: dict[str, Phrase] = {}
    for hit in lexicon(pack).places.find(text):
        phrase = next((one for one in hit.value.phrases if one.since <= today.isoformat()), None)
        if phrase is not None and not (phrase.sure and phrase.areas == (pack.about.root_area,)):
            found.setdefault(hit.word, phrase)
    return found


def confirmed(content: Content, number: int, words: str, pack: Pack, today: date) -> Content | None:
    """`content` with one proposal confirmed: its areas are the section's own from now on. None when there is none.

    The whole district, proposed for want of anything narrower, gives way to the areas of the words.
    """
    one = next((p for p in proposals(content, pack, today) if (p.section, p.words) == (number, words)), None)
    if one is None:
        return None
    section = content.sections[number]
    kept = section.areas if one.applied and one.areas == (pack.about.root_area,) else _joined(section, one, pack)
    made = replace(section, areas=kept, confirmed=tuple(dict.fromkeys((*section.confirmed, words))))
    return replace(content, sections=(*content.sections[:number], made, *content.sections[number + 1 :]))


def _joined(section: Section, one: Proposal, pack: Pack) -> tuple[AreaCode, ...]:
    own = [code for code in section.areas if code != pack.about.root_area or code in one.areas]
    return tuple(dict.fromkeys((*own, *one.areas)))


def check(content: Content, pack: Pack, today: date) -> Iterator[Problem]:
    """A phrase that an officer must confirm, until he did; never in the way of a relay's release."""
    for one in proposals(content, pack, today):
        if not one.confirmed and (not one.sure or not one.applied):
            where = f"sections[{one.section}].areas"
            says = (
                f"{one.words} proposes {len(one.areas)} areas ({one.note or 'phrases.yaml'}): confirm, or choose others"
            )
            yield Problem("PHRASE_PROPOSED", where, says, False, {"words": one.words, "count": len(one.areas)})
