"""Are the templates of a pack version sound, those of warnings and those of the hub's own messages alike?"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from publisher.model.pack import Pack
from publisher.model.words import EndpointClass
from publisher.render.fault import Fault, Refused, Wrong
from publisher.render.notices import NoticeTexts, notice_texts_of
from publisher.render.texts import FALLBACK, PATH, SHORT, Texts, texts_of

_READERS: Sequence[Callable[[Mapping[str, str]], Texts | NoticeTexts]] = (texts_of, notice_texts_of)


def faults(sources: Mapping[str, str]) -> Sequence[Fault]:
    """Every fault of every file of `sources` (path below the template folder -> text)."""
    found: list[Fault] = []
    for read in _READERS:
        try:
            read(sources)
        except Refused as wrong:
            found += wrong.faults
    return list(dict.fromkeys(found))


def borrowed(languages: Sequence[str], sources: Mapping[str, str]) -> Iterator[Fault]:
    """Each language of a pack whose texts come out in the words of another, because nobody wrote its templates."""
    for language in languages:
        own = (language, language.partition("-")[0])
        if not any(f"messages/words.{one}.yaml" in sources for one in own):
            says = (
                f"missing, and so texts in {language} are written around in {FALLBACK}; "
                "docs/templates.md says what a language needs"
            )
            wrong = Wrong(says, "WORDS_BORROWED", {"tag": language, "other": FALLBACK})
            yield wrong.at(f"templates/messages/words.{language}.yaml")


def astray(pack: Pack) -> Iterator[Fault]:
    """Each template of a pack that no text would ever be looked up at: a slip in its level, hazard or language."""
    spoken = {FALLBACK, *pack.about.languages, *(one.partition("-")[0] for one in pack.about.languages)}
    for path in pack.templates:
        named = PATH.fullmatch(path)
        if named is None or named[1] == "notice":
            continue
        if left := _unknown(named[2].split("."), pack):
            says = f"no text is looked up here: {left} is no class, level or hazard of this pack, in this order"
            yield Wrong(says, "TEMPLATE_ASTRAY", {"part": left}).at(f"templates/{path}")
        if named[3] not in spoken:
            says = f"no text is looked up here: {named[3]} is not a language of this pack; it has {', '.join(spoken)}"
            there = tuple(sorted(spoken))
            yield Wrong(says, "LANGUAGE_FOREIGN", {"tag": named[3], "there": there}).at(f"templates/{path}")


def _unknown(parts: Sequence[str], pack: Pack) -> str:
    """The first part of a template's name that stands for nothing there: `update.raised.red.12D02.short`."""
    act, *rest = parts
    steps: list[Callable[[str], bool]] = [
        lambda part: any(part in (code, code[:3]) for code in pack.hazards),
        lambda part: part == SHORT,
    ]
    if act != "any":
        steps[:0] = [lambda part: part in {*EndpointClass}, lambda part: part in pack.level]
    for step in steps:
        if rest and step(rest[0]):
            rest = rest[1:]
    return rest[0] if rest else ""
