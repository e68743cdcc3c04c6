"""Do our explanations agree with the schema itself?"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from lxml import etree

from publisher.formats import xsd
from publisher.formats.explain import explain
from tests.formats.breaking import BREAKS, Break, broken
from tests.formats.messages import CAP, changed, prefixed


@settings(max_examples=400)
@given(BREAKS)
def test_a_mistake_is_explained_exactly_when_the_schema_sees_one(breaks: list[Break]) -> None:
    root = broken(breaks)
    schema = xsd.schema()
    valid = schema.validate(root)
    only_addresses = not valid and all("anyURI" in str(error.message) for error in schema.error_log)  # type: ignore[attr-defined]
    assert bool(explain(root)) == (not valid and not only_addresses)


@settings(max_examples=200)
@given(BREAKS)
def test_the_check_finds_something_exactly_when_the_schema_does(breaks: list[Break]) -> None:
    root = broken(breaks)
    assert (xsd.check(root) == ()) == xsd.schema().validate(root)


def test_the_schema_is_compiled_once() -> None:
    assert xsd.schema() is xsd.schema()


@pytest.mark.parametrize("dress", [str, prefixed])
def test_an_address_the_schema_does_not_take_is_named(dress: Callable[[str], str]) -> None:
    root = etree.fromstring(dress(changed("https://example.org/warnings/7<", "http://[7<")).encode())
    assert [(one.code, one.layer, one.path) for one in xsd.check(root)] == [
        ("INVALID_WEB", "xsd", "/alert/info[1]/web")
    ]


def test_a_schema_error_without_a_name_is_told_in_the_schemas_words() -> None:
    nil = '<headline xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="info">'
    findings = xsd.check(etree.fromstring(changed("<headline>", nil).encode()))
    assert {one.path for one in findings} == {"/alert/info[1]/headline"}


def test_threads_do_not_see_one_anothers_errors() -> None:
    good = etree.fromstring(CAP.encode())
    bad = etree.fromstring(changed(">Actual<", ">Live<").encode())

    def codes(nth: int) -> list[str]:
        return [one.code for one in xsd.check(bad if nth % 2 else good)]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(codes, range(200)))
    assert found == [["INVALID_ENUM_VALUE"] if nth % 2 else [] for nth in range(200)]
