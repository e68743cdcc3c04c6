"""Is the invented county really another country? Other levels, other codes, one language, no Chinese character."""

import re

from publisher.core.packs import load
from tests.kit.packs import files

CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]|[\U00020000-\U0003ffff]")
COUNTY = load(files())


def test_no_file_of_it_holds_a_chinese_character() -> None:
    for name, body in files().items():
        assert not CHINESE.search(body.decode()), name
        assert not CHINESE.search(name)


def test_its_levels_and_codes_are_not_the_chinese_ones() -> None:
    assert [(level.id, level.rank) for level in COUNTY.levels] == [
        *(("red", 4), ("amber", 3), ("yellow", 2), ("notice", 0))
    ]
    assert COUNTY.about.languages == ("en",)
    assert not COUNTY.about.cn_dialect
    assert all(re.fullmatch(r"EX-01-\d{3}(-\d)?", code) for code in COUNTY.areas)
    assert all(re.fullmatch(r"[A-Z-]+", code) for code in COUNTY.hazards)


def test_one_signature_is_enough_up_to_yellow_and_two_are_needed_above() -> None:
    steps = {flow.id: len(flow.steps) for flow in COUNTY.flows}
    assert (steps["ordinary"], steps["grave"], COUNTY.about.single_signer_rank) == (1, 2, 2)


def test_a_leader_may_say_yes_by_phone() -> None:
    assert next(flow for flow in COUNTY.flows if flow.id == "grave").steps[-1].attested
