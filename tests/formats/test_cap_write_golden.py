"""Which bytes do a red, an update, a lift, a retract and an exercise become, in both dialects?

Write them anew with `TOCSIN_WRITE_GOLDEN=1 pytest tests/formats/test_cap_write_golden.py`, and read the difference.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from publisher.formats.cap_write import write_cap
from publisher.formats.cn_write import write_cn
from publisher.formats.read import read
from publisher.model.bulletin import Chain, Content, Shape
from publisher.model.words import Act, Mode
from tests.kit import public_site as site
from tests.kit import typhoon_night as night

GOLDEN = Path(__file__).parent.parent / "golden" / "public"
WRITE = "TOCSIN_WRITE_GOLDEN"
PUBLIC_ID = "310999-20260721-000042"
_PLAIN = night.pack()
PACK = replace(_PLAIN, about=replace(_PLAIN.about, cn_dialect=True, cn_sender_code="31099941600000"))
BLUE = night.issued(night.content(Act.ISSUE, night.section("blue")), minutes_ago=120, version=1)
RED = night.issued(night.content(Act.UPDATE, night.section("red")), minutes_ago=10, version=2)
SQUARE = ((31.1, 121.5), (31.2, 121.5), (31.2, 121.6), (31.1, 121.6))

CASES: dict[str, tuple[Content, Chain]] = {
    "red": (
        night.content(Act.ISSUE, replace(night.section("red"), shape=Shape((SQUARE,), ((31.0, 121.4, 2.5),)))),
        Chain(),
    ),
    "update": (
        night.content(Act.UPDATE, night.section("red", night.NORTH), night.section("yellow", night.EAST)),
        night.chain(BLUE),
    ),
    "lift": (night.content(Act.LIFT, night.section("red"), names=RED.bulletin.id), night.chain(BLUE, RED)),
    "retract": (
        night.content(Act.RETRACT, night.section("red"), note="设备故障误报", names=RED.bulletin.id),
        night.chain(BLUE, RED, restores=BLUE),
    ),
    "exercise": (night.content(mode=Mode.EXERCISE), Chain()),
}


def made(name: str, dialect: str) -> bytes:
    """The finished file, for the first section in the 12379 dialect."""
    content, chain = CASES[name]
    words = site.public_words(content, PACK, chain)
    if dialect == "cap":
        body = write_cap(content, pack=PACK, chain=chain, public_url=site.PUBLIC_URL, words=words)
    else:
        texts = {"SMS": "短信正文", "WEB": words[night.ZH][0]["summary"]}
        body = write_cn(content, 0, pack=PACK, chain=chain, texts=texts, words=words)
    return site.filled(body, PACK, PUBLIC_ID)


def proof(body: bytes) -> bytes:
    """The same document with a line for each element, to be read by people."""
    return etree.tostring(etree.fromstring(body), pretty_print=True, encoding="utf-8")


@pytest.mark.parametrize("dialect", ["cap", "cn"])
@pytest.mark.parametrize("name", sorted(CASES))
def test_it_is_what_was_reviewed(name: str, dialect: str) -> None:
    path = GOLDEN / f"{name}.{dialect}.xml"
    body = proof(made(name, dialect))
    if os.environ.get(WRITE):
        path.write_bytes(body)
    assert path.read_bytes() == body


@pytest.mark.parametrize("dialect", ["cap", "cn"])
@pytest.mark.parametrize("name", sorted(CASES))
def test_our_own_reader_takes_it(name: str, dialect: str) -> None:
    found = read(made(name, dialect))
    assert found.format == {"cap": "cap12", "cn": "12379"}[dialect]
    assert [one for one in found.findings if one.refuses] == []


def test_there_is_no_proof_sheet_of_a_forgotten_case() -> None:
    wanted = {f"{name}.{dialect}.xml" for name in CASES for dialect in ("cap", "cn")}
    assert {path.name for path in GOLDEN.glob("*.xml")} == wanted
