"""Does a YAML file say to the hub what it says to a reader, and is every surprise a mistake with a line?"""

import pytest

from publisher.core.pack_yaml import MAX_DEPTH, read


def test_words_stay_words_and_know_their_lines() -> None:
    document = read("x.yaml", b"a: no\nb: 00000\nc:\n  - 12:30\n  - '~'\n  - ~\n  -\nd: {e: 1.0}\n")
    assert document.value == {"a": "no", "b": "00000", "c": ["12:30", "~", None, None], "d": {"e": "1.0"}}
    assert document.errors == ()
    assert [document.place.at(*path).line for path in (("a",), ("c", 1), ("c", 3), ("d", "e"), ("d", "z"))] == [
        *(1, 5, 7, 8, 8)
    ]


def test_a_byte_order_mark_is_skipped_and_an_empty_file_is_nothing() -> None:
    assert read("x.yaml", b"\xef\xbb\xbfa: b").value == {"a": "b"}
    assert read("x.yaml", b"# only a comment\n").value is None


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (b"a: 1\nb: 2\na: 3\n", 3, "duplicate key; it stands on line 1"),
        (b"a: &x 1\n", 1, "anchor &x"),
        (b"b: 1\na: *x\n", 2, "alias *x"),
        (b"a: !!int 1\n", 1, "tag tag:yaml.org,2002:int"),
        (b"a: !!python/object:os.system x\n", 1, "not allowed"),
        (b"a: 1\n---\nb: 2\n", 2, "one document a file"),
        (b"a: 1\n[x]: 2\n", 2, "a key must be a word"),
        (b"a: 1\nb: [1, 2\nc: 3\n", 2, "a bracket or quote that begins here is not closed"),
        (b"a: 1\n\tb: 2\n", 2, "not YAML"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        (b"a: 1\nb: \x07\n", 2, "not YAML"),
        (b"[" * 60, 1, f"nested deeper than {MAX_DEPTH}"),
        (b"[" * 200_000, 1, "nest"),
        (b"a:\n" + b"".join(b" " * n + b"-\n" for n in range(1, 60)), MAX_DEPTH + 1, "nested deeper"),
    ],
)
def test_what_would_surprise_a_reader_is_a_mistake(text: bytes, line: int, says: str) -> None:
    (error,) = read("x.yaml", text).errors
    assert (error.file, error.line) == ("x.yaml", line)
    assert says in error.message


def test_the_first_of_two_equal_keys_counts_and_reading_goes_on() -> None:
    document = read("x.yaml", b"a: 1\na: 2\nb: {c: 1, c: 2}\n")
    assert document.value == {"a": "1", "b": {"c": "1"}}
    assert [error.path for error in document.errors] == ["a", "b.c"]


def test_every_place_that_cannot_be_read_is_told_and_not_the_first_alone() -> None:
    text = """flows:
  - {id: a, name: {en: A}
  - id: b
    name: "no end
  - id: c
    roles: [one, two}
  - id: d
    why: @desk
  - id: e
\ttab: x
  - id: f
    when: *everywhere
  - id: g
"""
    document = read("flows.yaml", text.encode())
    assert [error.line for error in document.errors] == [2, 4, 6, 8, 10, 12]
    assert not document.whole
