"""What happens to a text that does not fit? It is marked, a short form is proposed, and no short form loses what it must keep."""

from itertools import product

import pytest

from publisher.core.kept import lost
from publisher.model.bulletin import Chain
from publisher.model.plan import TextKey
from publisher.model.words import EndpointClass, Language, Medium
from publisher.render.texts import NoTemplate, Texts, read_templates
from tests.kit import typhoon_night as night
from tests.render.test_texts_golden import ROOT, Case, cases

TEXTS = Texts(read_templates(ROOT / "templates"))
PACK = night.pack()
MEDIA = (Medium.SMS, Medium.WECOM, Medium.SCREEN, Medium.STATION, Medium.MANUAL)
SHORT = (Medium.SMS, Medium.WECOM, Medium.VOICE, Medium.MANUAL, Medium.PARTNER, Medium.EMAIL)


def losses(case: Case, medium: Medium, language: str, *, short: bool) -> tuple[str, ...]:
    key = TextKey("x", medium, 0, Language(language), case.endpoint_class)
    words = TEXTS.fields(
        medium,
        content=case.content,
        section=0,
        language=language,
        endpoint_class=case.endpoint_class,
        pack=PACK,
        chain=case.chain,
        url="https://warnings.example/w/⟦id:raw⟧",
        short=short,
    )
    return lost(key, words, case.content, PACK, case.chain)


@pytest.mark.parametrize(("medium", "language"), list(product(MEDIA, ("zh", "en"))))
def test_no_text_of_ours_loses_station_time_level_area_or_action(medium: Medium, language: str) -> None:
    found = {case.name: losses(case, medium, language, short=False) for case in cases()}
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize(("medium", "language"), list(product(SHORT, ("zh", "en"))))
def test_no_short_form_of_ours_does(medium: Medium, language: str) -> None:
    found = {case.name: losses(case, medium, language, short=True) for case in cases()}
    assert {name: told for name, told in found.items() if told} == {}


def test_a_medium_without_a_short_form_has_none() -> None:
    with pytest.raises(NoTemplate):
        losses(next(iter(cases())), Medium.SCREEN, "zh", short=True)


def test_a_card_in_chinese_names_its_station() -> None:
    for case in cases():
        assert losses(case, Medium.WECHAT, "zh", short=False) == ()


def test_a_template_that_drops_the_station_is_found_out() -> None:
    key = TextKey("x", Medium.SMS, 0, Language("zh"), EndpointClass.NEW)
    words = {"body": "暴雨橙色预警，北山街道、东湖镇，请注意防范。"}
    assert lost(key, words, night.content(), PACK, Chain()) == ("station", "time")


def test_a_family_of_hazards_has_its_own_texts() -> None:
    sources = read_templates(ROOT / "templates")
    sources["messages/common/issue.11B.zh.txt"] = sources["messages/common/issue.12D.zh.txt"]
    own, plain = (body_of(texts) for texts in (Texts(sources), TEXTS))
    assert own.index("低洼地区居民") < own.index("受较强的")
    assert plain.index("低洼地区居民") > plain.index("受较强的")


def body_of(texts: Texts) -> str:
    found = texts.fields(
        Medium.SMS,
        content=night.content(),
        section=0,
        language="zh",
        endpoint_class=EndpointClass.NEW,
        pack=PACK,
        chain=Chain(),
    )
    return found["body"]
