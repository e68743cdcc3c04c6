"""What does a watched place propose? The ground its substance may reach, and the words with their holes filled."""

from string import Formatter

from publisher.formats.outgoing import CJK
from publisher.model.bulletin import Shape
from publisher.model.subjects import Distance, Subject
from publisher.model.words import Language

HOLES = ("name", "substance", "km", "neighbours")
_FORMATTER = Formatter()


def unfit(text: str) -> tuple[str, str]:
    """What is wrong with a text's holes, and the one that is; both empty where it can be filled."""
    known = ", ".join(HOLES)
    try:
        holes = [(name, spec or turn) for _, name, spec, turn in _FORMATTER.parse(text) if name is not None]
    except ValueError as error:
        return f"{error}; holes here: {known}", "{ }"
    wrong = [name or "(empty)" for name, more in holes if more or name not in HOLES]
    return (f"unknown hole {wrong[0]}; holes here: {known}, as they stand", wrong[0]) if wrong else ("", "")


def ground(subject: Subject, distance: Distance, wind_from: float | None) -> Shape:
    """Around the place, or downwind of it. `wind_from`: degrees, as winds are named; None while nobody knows the wind."""
    lat, lon = subject.at
    if wind_from is None:
        return Shape(circles=((lat, lon, distance.km),))
    from publisher.core import drawing  # its library is slow to load, and most days nobody draws

    return drawing.sector(lat, lon, wind_from=wind_from, km=distance.km)


def words(subject: Subject, distance: Distance, language: Language) -> tuple[str, str]:
    """(description, instruction) in a language; empty where the pack has none in it."""
    comma = "、" if language.partition("-")[0] in CJK else ", "
    holes = {
        "name": subject.name.get(language, ""),
        "substance": subject.substance.get(language, ""),
        "km": f"{distance.km:g}",
        "neighbours": comma.join(one.name[language] for one in subject.near(distance.km) if language in one.name),
    }
    texts = (subject.description.get(language, ""), subject.instruction.get(language, ""))
    filled = [_FORMATTER.vformat(text, (), holes) for text in texts]
    return filled[0], filled[1]
