"""Whatever happens to a pack's files, is it either loaded or refused with located mistakes, and nothing else?"""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.core.demo import load_demo
from publisher.core.pack_errors import PackRefused
from publisher.core.packs import FILES, load
from tests.kit.packs import files, unsaid

COUNTY = files()
PACK = load(COUNTY)
NAMES = sorted(name for name in COUNTY if name in FILES)
DEMO = sorted(name for name in COUNTY if name.startswith("demo/"))
SPLINTERS = st.sampled_from(
    [
        *(b"", b"\n", b"\t", b":", b"- ", b"{", b"}", b"[", b"]", b"'", b'"', b",", b"#", b"&a ", b"*a", b"!!x "),
        *(b"---\n", b"~", b"null", b"\x00", b"\xff", "é".encode(), b"99999999999999999999", b"1e400", b"-1", b"NaN"),
        *(b"<<: ", b"? ", b"| ", b"> ", b"id: x", b"when: {}", b"EX-01-001", b"red", b"steps: []", b"\xef\xbb\xbf"),
    ]
)


def sound_or_located(found: Mapping[str, bytes], read: Callable[[Mapping[str, bytes]], object]) -> None:
    try:
        read(found)
    except PackRefused as refused:
        assert refused.errors
        assert unsaid(refused.errors) == []
        for error in refused.errors:
            lines = found.get(error.file, b"").count(b"\n") + 1
            assert 1 <= error.line <= lines + 1, error
            assert error.message


def demo_of(found: Mapping[str, bytes]) -> object:
    return load_demo(found, PACK)


def damaged(data: st.DataObject, names: list[str]) -> dict[str, bytes]:
    found = dict(COUNTY)
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(names))
        body = found[name]
        start = data.draw(st.integers(0, len(body)))
        end = min(len(body), start + data.draw(st.integers(0, 40)))
        found[name] = body[:start] + data.draw(SPLINTERS) + body[end:]
    return found


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_pack_loads_or_is_refused_with_located_mistakes(data: st.DataObject) -> None:
    sound_or_located(damaged(data, NAMES), load)


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_demo_loads_or_is_refused_with_located_mistakes(data: st.DataObject) -> None:
    sound_or_located(damaged(data, DEMO), demo_of)


@settings(max_examples=60)
@given(st.sampled_from(NAMES), st.floats(0, 1))
def test_a_cut_off_pack_loads_or_is_refused_with_located_mistakes(name: str, part: float) -> None:
    body = COUNTY[name]
    sound_or_located({**COUNTY, name: body[: int(len(body) * part)]}, load)


@settings(max_examples=60)
@given(st.sampled_from(NAMES), st.binary(max_size=60))
def test_any_bytes_as_a_file_are_refused_with_located_mistakes(name: str, body: bytes) -> None:
    sound_or_located({**COUNTY, name: body}, load)


@pytest.mark.parametrize("name", NAMES)
def test_any_one_file_may_go_missing(name: str) -> None:
    sound_or_located({one: body for one, body in COUNTY.items() if one != name}, load)
