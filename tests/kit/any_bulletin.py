"""Any bulletin an officer could write, for property tests of what goes out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from publisher.model.bulletin import Chain, Content, Section, Shape, Words
from publisher.model.words import Act, AreaCode, Language, LevelId, Mode
from tests.kit import typhoon_night as night

AREAS = (night.ROOT, night.NORTH, night.EAST, night.SOUTH)
LEVELS = tuple(level.id for level in night.LEVELS)

# Everything that can be in a Python text, lone surrogates, control characters and slot marks included.
texts = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=st.characters(), max_size=30),
    st.sampled_from(["", " ", "\x00", "⟦issued:cap⟧", "⟦no:such⟧", "]]>", "<b>&amp;</b>", "\u202e抄", "a\r\nb\u2028c"]),
    st.builds(lambda text: text * 40, st.sampled_from(["长标题", "long headline ", "\U0001f32a"])),
)
_degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
_circles = st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 500))
shapes = st.builds(
    lambda rings, circles: Shape(tuple(map(tuple, rings)), tuple(circles)),
    st.lists(st.lists(_degrees, max_size=6), max_size=2),
    st.lists(_circles, max_size=2),
)
words = st.builds(Words, texts, texts, texts, texts)


@st.composite
def sections(draw: st.DrawFn) -> Section:
    """A section with words in at least one language of the pack, and areas."""
    languages: list[Language] = draw(st.lists(st.sampled_from([night.ZH, night.EN]), min_size=1, unique=True))
    said: Mapping[Language, Words] = {language: draw(words) for language in languages}
    areas: list[AreaCode] = draw(st.lists(st.sampled_from(AREAS), min_size=1, max_size=4))
    level: LevelId = draw(st.sampled_from(LEVELS))
    return Section(level, tuple(areas), said, draw(shapes))


@st.composite
def contents(draw: st.DrawFn, *, acts: tuple[Act, ...] = tuple(Act)) -> Content:
    """A bulletin of any act and mode."""
    parts = draw(st.lists(sections(), min_size=1, max_size=3))
    plain = night.content(draw(st.sampled_from(acts)), *parts, mode=draw(st.sampled_from(list(Mode))), note=draw(texts))
    return replace(
        plain,
        onset=draw(st.none() | _moments()),
        until_lifted=draw(st.booleans()),
        urgency=draw(st.sampled_from(["Immediate", "Expected", "Soon", ""])),
        certainty=draw(st.sampled_from(["Observed", "VeryLikely", "Very Likely", "Possible", "?"])),
        web=draw(texts),
        contact=draw(texts),
        origin=draw(st.none() | st.just(night.relayed())),
    )


def _moments() -> st.SearchStrategy[datetime]:
    return st.integers(0, 24 * 3600).map(lambda seconds: night.NIGHT + timedelta(seconds=seconds, microseconds=7))


@st.composite
def chains(draw: st.DrawFn, what: Content) -> Chain:
    """A chain that fits the act: nothing before a first issue, else up to three bulletins, perhaps one to put back."""
    if what.act is Act.ISSUE:
        return Chain()
    count = draw(st.integers(1, 3))
    issued = tuple(
        night.issued(draw(contents(acts=(Act.ISSUE, Act.UPDATE))), minutes_ago=60 - 10 * at, version=at + 1)
        for at in range(count)
    )
    restores = issued[0] if what.act is Act.RETRACT and draw(st.booleans()) else None
    return Chain(issued, issued[-1], restores)
