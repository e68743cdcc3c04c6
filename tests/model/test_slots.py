"""Are slots filled from the release's clock, and only slots?"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.model import slots

AT = datetime(2026, 7, 21, 18, 5, 9, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def filled(text: str) -> str:
    return slots.fill(text, issued=AT, public_id="310115-20260722-000007", zone=SHANGHAI)


def test_it_writes_the_time_in_the_packs_zone() -> None:
    assert filled(slots.slot("issued", "zh")) == "2026年07月22日02时05分"
    assert filled(slots.slot("issued", "cap")) == "2026-07-22T02:05:09+08:00"
    assert filled(slots.slot("id", "raw")) == "310115-20260722-000007"


def test_an_unknown_slot_is_never_published() -> None:
    with pytest.raises(KeyError):
        filled("⟦issued:roman⟧")
    with pytest.raises(KeyError):
        filled("⟦weather:cap⟧")


def test_bytes_without_a_slot_are_left_alone_whatever_they_are() -> None:
    assert slots.fill_bytes(b"\xff\x00", issued=AT, public_id="x", zone=SHANGHAI) == b"\xff\x00"


@given(st.text(), st.sampled_from(sorted(slots.FORMS)))
def test_filling_twice_is_filling_once(text: str, form: str) -> None:
    clean = text.replace("⟦", "").replace("⟧", "")
    once = filled(clean + slots.slot("issued", form) + clean)
    assert filled(once) == once
    assert slots.used(once) == ()
