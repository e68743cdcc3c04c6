"""Does a CAP file name the media that go with it, schema-valid, each in the infos of its own language, with a true digest?"""

import hashlib
from dataclasses import replace

from capvalidator import validate_cap_message
from lxml import etree

from publisher.formats.cap_write import write_cap
from publisher.formats.resources import Resource, with_resources
from publisher.formats.structure import CAP12
from publisher.model.bulletin import Chain, Shape
from publisher.model.words import Act
from tests.kit import public_site as site
from tests.kit import typhoon_night as night

SOUND = Resource("zh", "Audio", "audio/mpeg", "https://warnings.example.org/cap/1/audio.zh.mp3", b"sound")
CAP = {"cap": CAP12}


def message(*, shaped: bool) -> bytes:
    part = night.section("red")
    if shaped:
        part = replace(part, shape=Shape(circles=((31.2, 121.5, 5.0),)))
    made = write_cap(night.content(Act.ISSUE, part), pack=night.pack(), chain=Chain(), public_url=site.PUBLIC_URL)
    return site.filled(made, night.pack(), "310999-1")


def test_each_info_names_what_is_spoken_in_its_language_before_its_areas() -> None:
    for shaped in (True, False):
        made = with_resources(message(shaped=shaped), [SOUND])
        assert validate_cap_message(made, strict=False).passed
        infos = etree.fromstring(made).findall("cap:info", CAP)
        named = {info.findtext("cap:language", "", CAP): info.findall("cap:resource", CAP) for info in infos}
        assert [len(named[language]) for language in ("zh", "en")] == [1, 0]
        [resource] = named["zh"]
        assert resource.findtext("cap:digest", "", CAP) == hashlib.sha1(b"sound").hexdigest()
        assert (resource.findtext("cap:size", "", CAP), resource.findtext("cap:uri", "", CAP)) == ("5", SOUND.uri)


def test_without_media_nothing_changes() -> None:
    assert with_resources(message(shaped=True), []) == message(shaped=True)
