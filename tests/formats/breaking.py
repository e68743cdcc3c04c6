"""Hypothesis strategies that break our CAP message in several places at once."""

from collections.abc import Callable

from hypothesis import strategies as st
from lxml import etree

from publisher.formats.structure import CAP12, KNOWN_NAMES, Element
from tests.formats.messages import CAP

NS = f"{{{CAP12}}}"
TEXTS = (
    "",
    " ",
    "x",
    "Actual",
    " Actual",
    "Unknown",
    "zh-CN",
    "zh_CN",
    "2026-06-01T16:20:00+08:00",
    " 2026-06-01T16:20:00+08:00\n",
    "2026-06-01T24:00:00+08:00",
    "2026-06-01T24:00:01+08:00",
    "2026-02-29T16:20:00+08:00",
    "2026-06-01T16:20:60+08:00",
    "2026-06-01T16:20:00+08:60",
    "2026-06-01T16:20:00-14:00",
    "2026-06-01T16:20:00Z",
    "0000-06-01T16:20:00+08:00",
    "12",
    "-12",
    "+1.5",
    ".5",
    "5.",
    ".",
    "1e3",
    "NaN",
    "http://[x",
    "%zz",
    "a b",
    "九",
)
Break = Callable[[list[Element]], None]


def _remove(index: int) -> Break:
    def apply(elements: list[Element]) -> None:
        element = elements[index % len(elements)]
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)

    return apply


def _copy(index: int, to: int) -> Break:
    def apply(elements: list[Element]) -> None:
        element, target = elements[index % len(elements)], elements[to % len(elements)]
        if element.getparent() is not None:
            copy = etree.fromstring(etree.tostring(element, with_tail=False))
            target.insert(to % (len(target) + 1), copy)

    return apply


def _rename(index: int, name: str) -> Break:
    def apply(elements: list[Element]) -> None:
        element = elements[index % len(elements)]
        if element.getparent() is not None:
            element.tag = name

    return apply


def _write(index: int, text: str, attribute: str) -> Break:
    def apply(elements: list[Element]) -> None:
        element = elements[index % len(elements)]
        match attribute:
            case "text":
                element.text = text
            case "tail" if element.getparent() is not None:
                element.tail = text
            case _:
                element.set("x", text)

    return apply


_INDEX = st.integers(0, 200)
_NAMES = st.sampled_from([*sorted(f"{NS}{name}" for name in KNOWN_NAMES), "{urn:example:x}info", "headline"])
BREAKS = st.lists(
    st.one_of(
        st.builds(_remove, _INDEX),
        st.builds(_copy, _INDEX, _INDEX),
        st.builds(_rename, _INDEX, _NAMES),
        st.builds(_write, _INDEX, st.sampled_from(TEXTS), st.sampled_from(["text", "text", "tail", "attribute"])),
    ),
    max_size=4,
)


def broken(breaks: list[Break], text: str = CAP) -> Element:
    """The message's tree with every break applied in turn."""
    root = etree.fromstring(text.encode())
    for apply in breaks:
        apply([element for element in root.iter("*")])
    return etree.fromstring(etree.tostring(root))
