"""Is the emergency-broadcast package laid out as platforms read it?"""

import hashlib
import io
import tarfile
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from publisher.formats import ebm, ebm_package
from publisher.model.bulletin import Chain, Content
from publisher.model.slots import fill_bytes
from publisher.model.words import Act
from tests.kit import typhoon_night as night

AT = datetime(2026, 7, 21, 16, 18, tzinfo=timezone(timedelta(hours=8)))
SAID = ebm_package.Broadcast(
    source="43101150000000101010101",
    target="43100000000000101010101",
    public_id="310115-20260721-000042",
    former=None,
    cancels=False,
    test=False,
    sender="浦东新区气象台",
    sender_code="31011500000000",
    issued=AT,
    starts=AT,
    ends=AT + timedelta(hours=6),
    event="11B03",
    rank=3,
    language="zho",
    title="暴雨橙色预警",
    text="下面播报预警信息。\n请注意防范。",
    areas=("310115000000", "310115004000"),
)
SOUND = b"\xff\xfbsound"


def opened(what: ebm_package.Broadcast, *sounds: tuple[str, bytes]) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(ebm_package.package(what, sounds))) as tar:
        return {one.name: found.read() for one in tar if (found := tar.extractfile(one)) is not None}


def instruction(what: ebm_package.Broadcast, *sounds: tuple[str, bytes]) -> ElementTree.Element:
    files = opened(what, *sounds)
    return ElementTree.fromstring(next(body for name, body in files.items() if name.startswith("EBDB_")))


def test_the_files_are_named_by_the_package() -> None:
    name = ebm_package.package_id(SAID)
    assert len(name) == 2 + len(SAID.source) + 16
    assert list(opened(SAID, ("mp3", SOUND))) == [f"EBDB_{name}.xml", f"EBDS_EBDB_{name}.xml", f"EBDR_{name}_1.mp3"]


def test_the_instruction_says_who_what_where_and_when() -> None:
    root = instruction(SAID, ("mp3", SOUND))
    expected = {
        "EBDVersion": "1.0",
        "EBDType": "EBM",
        "SRC/EBRID": SAID.source,
        "DEST/EBRID": SAID.target,
        "EBDTime": "2026-07-21 16:18:00",
        "EBM/EBMID": SAID.source + "202607210420",
        "EBM/MsgBasicInfo/MsgType": "1",
        "EBM/MsgBasicInfo/SenderName": "浦东新区气象台",
        "EBM/MsgBasicInfo/EventType": "11B03",
        "EBM/MsgBasicInfo/Severity": "2",
        "EBM/MsgBasicInfo/EndTime": "2026-07-21 22:18:00",
        "EBM/MsgContent/LanguageCode": "zho",
        "EBM/MsgContent/MsgDesc": SAID.text,
        "EBM/MsgContent/AreaCode": "310115000000,310115004000",
        "EBM/MsgContent/ProgramNum": "1",
        "EBM/MsgContent/Auxiliary/Size": str(len(SOUND)),
        "EBM/MsgContent/Auxiliary/Digest": hashlib.sha256(SOUND).hexdigest(),
    }
    assert {path: root.findtext(path) for path in expected} == expected
    assert root.find("EBM/RelatedInfo") is None


@pytest.mark.parametrize(("rank", "severity"), [(4, "1"), (3, "2"), (2, "3"), (1, "4"), (0, "0")])
def test_severity_is_the_platforms_own(rank: int, severity: str) -> None:
    assert instruction(replace(SAID, rank=rank)).findtext("EBM/MsgBasicInfo/Severity") == severity


def test_a_drill_is_a_test_and_an_end_cancels_what_it_names() -> None:
    assert instruction(replace(SAID, test=True)).findtext("EBM/MsgBasicInfo/Severity") == "15"
    end = instruction(replace(SAID, cancels=True, former=("310115-20260721-000041", AT)))
    assert end.findtext("EBM/MsgBasicInfo/MsgType") == "2"
    assert end.findtext("EBM/RelatedInfo/EBMID") == SAID.source + "202607210410"


def test_the_signature_file_holds_the_digest_and_no_signature() -> None:
    files = opened(SAID)
    body = next(body for name, body in files.items() if name.startswith("EBDB_"))
    root = ElementTree.fromstring(next(body for name, body in files.items() if name.startswith("EBDS_")))
    assert root.findtext("DigestValue") == ebm_package.sm3(body)
    assert root.findtext("SignatureValue") == ""
    if ebm_package.sm3(b"abc"):
        assert ebm_package.sm3(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_the_same_gives_the_same_bytes() -> None:
    assert ebm_package.package(SAID, [("mp3", SOUND)]) == ebm_package.package(SAID, [("mp3", SOUND)])


def test_a_bulletin_of_one_section_has_the_same_id_pushed_and_fetched() -> None:
    """A platform that gets both plays it once."""
    one, fetched = pushed(night.content(), 0), instruction(SAID)
    assert one.findtext("EBM/EBMID") == fetched.findtext("EBM/EBMID")
    assert one.findtext("EBDID") == fetched.findtext("EBDID")


def pushed(content: Content, section: int, chain: Chain | None = None, number: int = 42) -> ElementTree.Element:
    """The message of one section as it is pushed."""
    made = ebm.write_ebd(
        content,
        section,
        pack=night.pack(),
        chain=chain or Chain(),
        platform=SAID.source,
        title="t",
        text="30\u00a0mm",
        language="zh",
    )
    public_id = f"310115-20260721-{number:06d}"
    whole = fill_bytes(made, issued=AT, public_id=public_id, zone=ZoneInfo("Asia/Shanghai"))
    return ElementTree.fromstring(whole)


def test_whatever_goes_out_in_the_same_second_has_an_id_of_its_own() -> None:
    both = night.content(Act.ISSUE, night.section("red", night.NORTH), night.section("orange", night.EAST))
    messages = [pushed(both, section, number=number) for number in (42, 43) for section in (0, 1)]
    messages += [instruction(SAID), instruction(replace(SAID, public_id="310115-20260721-000043"))]
    assert {message.findtext("EBM/MsgContent/MsgDesc") for message in messages[:4]} == {"30\u00a0mm"}
    for name in ("EBDID", "EBM/EBMID"):
        assert len({message.findtext(name) for message in messages}) == 6, name


def test_a_section_ends_the_message_that_spoke_to_the_same_places() -> None:
    both = night.content(Act.ISSUE, night.section("red", night.NORTH), night.section("orange", night.EAST))
    stood = replace(night.issued(both), public_id=SAID.public_id, sent=AT)
    over = night.content(Act.LIFT, night.section("orange", night.EAST), names="b-1-1")
    ended = pushed(over, 0, night.chain(stood), number=43).findtext("EBM/RelatedInfo/EBMID")
    assert ended == pushed(both, 1).findtext("EBM/EBMID") != pushed(both, 0).findtext("EBM/EBMID")
