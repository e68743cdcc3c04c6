"""Does a seal say who wrote it, and does anything else fall through?"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.formats import bundle, seal
from publisher.formats.bundle import BEAT, PLAYLIST, Unsealed

KEY, OTHER = seal.make_key(), seal.make_key()
PUBLIC = seal.public_of(KEY)
STATE = {"screen": "s-1", "items": [{"text": "台风红色预警", "expires": None}], "exercise": False}


def test_what_was_sealed_is_opened_as_it_was() -> None:
    found = bundle.opened(bundle.playlist(STATE, 7, KEY), PUBLIC, PLAYLIST)
    assert found == {**STATE, "form": PLAYLIST, "sequence": 7}


def test_the_same_state_and_number_give_the_same_bytes() -> None:
    assert bundle.playlist(STATE, 7, KEY) == bundle.playlist(STATE, 7, KEY)
    assert bundle.playlist(STATE, 7, KEY) != bundle.playlist(STATE, 8, KEY)


def test_spacing_and_order_on_the_way_do_not_matter_but_a_letter_does() -> None:
    whole = json.loads(bundle.playlist(STATE, 7, KEY))
    turned = json.dumps(dict(reversed(whole.items())), indent=2).encode()
    assert bundle.opened(turned, PUBLIC, PLAYLIST)["sequence"] == 7
    whole["items"][0]["text"] = "台风蓝色预警"
    with pytest.raises(Unsealed, match="seal does not hold"):
        bundle.opened(json.dumps(whole).encode(), PUBLIC, PLAYLIST)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "not JSON"),
        (b"[]", "no signature"),
        (json.dumps(STATE).encode(), "no signature"),
        (json.dumps({**STATE, "form": PLAYLIST, "sequence": 1, "signature": {}}).encode(), "does not hold"),
        (json.dumps({**STATE, "form": PLAYLIST, "n": 1.5, "signature": {"value": "x"}}).encode(), "does not hold"),
        (bundle.playlist(STATE, 1, OTHER), "another key"),
        (bundle.beat("s-1", 1, datetime(2026, 7, 21, tzinfo=UTC), "n", KEY), "not a tocsin-playlist/1"),
    ],
)
def test_everything_else_is_refused_with_a_reason(raw: bytes, says: str) -> None:
    with pytest.raises(Unsealed, match=says):
        bundle.opened(raw, PUBLIC, PLAYLIST)


@given(
    st.binary(max_size=300)
    | st.recursive(st.none() | st.text(), lambda inner: st.lists(inner)).map(str).map(str.encode)
)
def test_no_bytes_whatever_are_opened_or_raise_anything_else(raw: bytes) -> None:
    with pytest.raises(Unsealed):
        bundle.opened(raw, PUBLIC, PLAYLIST)


def test_a_beat_repeats_the_question_and_no_more_of_it_than_it_must() -> None:
    at = datetime(2026, 7, 21, 8, 18, tzinfo=UTC)
    found: Any = bundle.opened(bundle.beat("s-1", 9, at, "q" * 200, KEY), PUBLIC, BEAT)
    assert (found["screen"], found["sequence"], datetime.fromisoformat(found["at"])) == ("s-1", 9, at)
    assert found["nonce"] == "q" * 64
