"""Can a message of the hub's own be listened to? No address in it, nothing twice."""

import pytest

from publisher.model.notice import FACTS
from publisher.model.words import Medium, Mode
from publisher.render.notices import notice_texts_of
from publisher.render.texts import read_templates
from publisher.settings import resource
from tests.kit.county import county

TEXTS = notice_texts_of(read_templates(resource("templates")))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_call_reads_out_an_address_or_its_title_twice(language: str) -> None:
    facts = {**dict.fromkeys(FACTS, "seven"), "title": "Heavy rain Red", "url": "https://hub.example/x"}
    for kind in TEXTS.kinds:
        words = TEXTS.words(kind, language, Medium.VOICE, facts, pack=county(), mode=Mode.ACTUAL)
        assert ("hub.example" in words["body"]) == (kind != "subscribe") and "hub.example" not in words["script"], kind
        assert words["script"].count("Heavy rain Red") <= 1, words["script"]
        assert len(words["script"]) > len(words["title"]) or kind in ("report", "daily"), kind
