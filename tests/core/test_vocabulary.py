"""Are words found where they stand, the longest first, and Latin words only whole?"""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.vocabulary import Vocabulary, fold

WORDS = Vocabulary(
    [("大风", "wind"), ("雷雨大风", "thunder gale"), ("rain", "rain"), ("Ⅱ级", "orange"), ("Ⅲ级", "yellow")]
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("雷雨大风黄色", ["thunder gale"]),
        ("大风和雷雨大风", ["wind", "thunder gale"]),
        ("heavy RAIN, rain.", ["rain", "rain"]),
        ("trains and rainbows", []),
        ("[III级/较重]", ["yellow"]),
        ("[Ⅱ级/严重]", ["orange"]),
        ("", []),
    ],
)
def test_words_are_found_leftmost_and_longest(text: str, values: list[str]) -> None:
    assert [hit.value for hit in WORDS.find(fold(text))] == values


def test_the_first_value_of_a_word_stays() -> None:
    assert Vocabulary([("雨", 1), ("雨", 2)]).exact("雨") == 1


def test_an_exact_word_is_known_however_it_is_written() -> None:
    assert WORDS.exact(" ＲＡＩＮ ") == "rain"
    assert WORDS.exact("rainy") is None


@given(st.text(alphabet="大风雷雨 rainⅡ级", max_size=40))
def test_hits_never_overlap_and_stand_where_they_say(text: str) -> None:
    folded = fold(text)
    hits = WORDS.find(folded)
    assert all(folded[one.start : one.end] == one.word for one in hits)
    assert all(one.end <= later.start for one, later in pairwise(hits))
