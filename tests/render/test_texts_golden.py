"""What does every template say? One file a medium and language, read like a proof sheet; a difference is a review.

Write them anew with `TOCSIN_WRITE_GOLDEN=1 pytest tests/render`, and read the difference.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pytest

from publisher.model.bulletin import Chain, Content, Words
from publisher.model.words import Act, EndpointClass, Medium, Mode
from publisher.render.texts import FIELDS, Texts, read_templates
from tests.kit import typhoon_night as night

ROOT = Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests" / "golden" / "messages"
WRITE = "TOCSIN_WRITE_GOLDEN"
TEXTS = Texts(read_templates(ROOT / "templates"))
MEDIA = [Medium(one) for one in FIELDS if one != "common"]


@dataclass(frozen=True)
class Case:
    """One situation of the night, for one class of endpoint."""

    name: str
    content: Content
    endpoint_class: EndpointClass
    chain: Chain


BLUE = night.issued(night.content(Act.ISSUE, night.section("blue")), minutes_ago=120)
ORANGE = night.issued(night.content(Act.UPDATE, night.section("orange")), minutes_ago=30, version=2)
RED = night.issued(night.content(Act.UPDATE, night.section("red")), minutes_ago=2, version=3)
STOOD = {
    EndpointClass.NEW: "blue",
    EndpointClass.RAISED: "blue",
    EndpointClass.LOWERED: "red",
    EndpointClass.CHANGED: "orange",
    EndpointClass.UNCHANGED: "orange",
    EndpointClass.LEFT: "blue",
}
STATION = {
    night.ZH: Words(
        "海滨区发布雷电黄色预警",
        "海滨区气象台2026年07月21日16时18分发布雷电黄色预警[Ⅲ级/较重]：预计12小时内有雷电活动，请注意防范。",
    ),
    night.EN: Words("Lightning warning for Seaside", "Thunderstorms are expected within 12 hours."),
}


def cases() -> Iterator[Case]:
    """Every act, every class an update can have, and the two kinds of relay."""
    yield Case("issue", night.content(), EndpointClass.NEW, Chain())
    yield Case("issue of a notice", night.content(Act.ISSUE, night.section("notice")), EndpointClass.NEW, Chain())
    narrowed = night.content(Act.UPDATE, night.section("orange", night.NORTH))
    for cls, level in STOOD.items():
        stood = night.issued(night.content(Act.ISSUE, night.section(level)), minutes_ago=120)
        yield Case(f"update, {cls}", narrowed, cls, night.chain(stood))
    lift = night.content(Act.LIFT, night.section("orange"), names="b-1-2")
    yield Case("lift", lift, EndpointClass.LEFT, night.chain(BLUE, ORANGE))
    false = night.content(Act.RETRACT, night.section("red"), note="误发", names="b-1-3")
    yield Case(
        "retract, orange stands again", false, EndpointClass.LEFT, night.chain(BLUE, ORANGE, RED, restores=ORANGE)
    )
    yield Case("retract, nothing stands", false, EndpointClass.LEFT, night.chain(RED))
    signal = night.content(Act.ISSUE, night.section("yellow", words=STATION), hazard="11B14", origin=night.relayed())
    yield Case("issue of a relay", signal, EndpointClass.NEW, Chain())
    yield Case("update by a relay, raised", replace(signal, act=Act.UPDATE), EndpointClass.RAISED, night.chain(BLUE))


def sheet(medium: Medium, language: str) -> str:
    """Every case in every mode."""
    parts: list[str] = []
    for case, mode in product(cases(), (Mode.ACTUAL, Mode.EXERCISE)):
        found = TEXTS.fields(
            medium,
            content=replace(case.content, mode=mode),
            section=0,
            language=language,
            endpoint_class=case.endpoint_class,
            pack=night.pack(),
            chain=case.chain,
            url="https://warnings.example/w/⟦id:raw⟧",
        )
        parts.append(f"## {case.name} ({mode})\n")
        parts += [f"[{name}]\n{text}\n" for name, text in found.items()]
    return "\n".join(parts)


@pytest.mark.parametrize(("medium", "language"), list(product(MEDIA, ("zh", "en"))))
def test_the_texts_are_those_that_were_reviewed(medium: Medium, language: str) -> None:
    made, path = sheet(medium, language), GOLDEN / f"{medium}.{language}.txt"
    if os.environ.get(WRITE):
        path.write_text(made, "utf-8")
    assert made == path.read_text("utf-8")


def test_no_golden_file_is_left_over() -> None:
    wanted = {f"{medium}.{language}.txt" for medium, language in product(MEDIA, ("zh", "en"))}
    assert {path.name for path in GOLDEN.iterdir()} == wanted
