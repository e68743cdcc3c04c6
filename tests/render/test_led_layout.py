"""Do lines and pages break where a reader pauses?"""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.render.layout import Page, paginated

TYPHOON = "海滨区气象台 7月21日16:18 发布台风红色预警，海滨区：致灾风险极高，请特别加强防范。"


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def lay(text: str, columns: int = 22, rows: int = 1, keep: tuple[str, ...] = ()) -> tuple[Page, ...]:
    return paginated(text, columns=columns, rows=rows, width=width, keep=keep)


def test_a_one_line_panel_pages_at_pauses() -> None:
    assert lay(TYPHOON, keep=("台风红色预警",)) == (
        ("海滨区气象台",),
        ("7月21日16:18",),
        ("发布台风红色预警，",),
        ("海滨区：致灾风险极高，",),
        ("请特别加强防范。",),
    )


def test_a_kept_phrase_is_never_split_where_it_fits() -> None:
    for columns in range(14, 40):
        pages = lay(TYPHOON, columns, keep=("台风红色预警",))
        assert sum("台风红色预警" in line for page in pages for line in page) == 1


def test_a_short_text_is_one_page() -> None:
    assert lay("台风红色预警") == (("台风红色预警",),)


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_nothing_to_say_is_one_empty_page(text: str) -> None:
    assert lay(text) == ((),)


def test_numbers_stay_with_their_units_and_words_whole() -> None:
    lines = [line for page in lay("预计最高气温超过35℃，阵风7-9级，一小时雨量60毫米以上", 12) for line in page]
    assert any("35℃" in line for line in lines)
    assert any("7-9级" in line for line in lines)
    english = [line for page in lay("Keep away from flooded streets and move to high ground.", 14, 2) for line in page]
    assert "".join(english).replace(" ", "") == "Keepawayfromfloodedstreetsandmovetohighground."
    assert all(not line.startswith(" ") and not line.endswith(" ") for line in english)


def test_a_page_ends_with_its_sentence_when_the_next_one_does_not_fit() -> None:
    assert lay("请注意防范。低洼地区居民减少外出。") == (("请注意防范。",), ("低洼地区居民减少外出。",))


def test_a_panel_narrower_than_a_word_breaks_the_word() -> None:
    assert lay("Evacuate now.", 6) == (("Evacu\u2010",), ("ate",), ("now.",))
    assert lay("(thunderstorms)", 8) == (("(thunde\u2010",), ("rstorms)",))
    assert lay("Call 01632-960123.", 7) == (("Call",), ("01632-",), ("960123.",))


TEXT = st.text(alphabet="台风红色预警信号，。：（）[]/、 1234567890:abcXYZ℃\n", max_size=80)


@given(TEXT, st.integers(6, 40), st.integers(1, 5))
def test_nothing_is_lost_doubled_or_too_wide(text: str, columns: int, rows: int) -> None:
    pages = lay(text, columns, rows)
    shown = "".join(line for page in pages for line in page)
    assert shown.replace(" ", "").replace("\u2010", "") == "".join(text.split())
    assert all(len(page) <= rows for page in pages)
    wide = [line for page in pages for line in page if width(line) > columns]
    assert all(len(line) == 1 for line in wide)


PHRASE = st.tuples(st.text(alphabet="台风红色预警信号", min_size=1, max_size=9), st.sampled_from("，。：；！？、）"))


@given(st.lists(PHRASE, max_size=12), st.integers(6, 40), st.integers(1, 4))
def test_no_line_begins_with_closing_punctuation(phrases: list[tuple[str, str]], columns: int, rows: int) -> None:
    lines = [line for page in lay("".join(map("".join, phrases)), columns, rows) for line in page]
    assert not [line for line in lines if unicodedata.category(line[0]) in ("Pe", "Pf", "Po")]
