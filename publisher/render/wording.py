"""Are the templates of a pack version sound, those of warnings and those of the hub's own messages alike?"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from publisher.render.fault import Fault, Refused, Wrong
from publisher.render.notices import NoticeTexts, notice_texts_of
from publisher.render.texts import FALLBACK, Texts, texts_of

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
