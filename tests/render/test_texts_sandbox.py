"""Can a template do more than fill in names? Escapes and wastes that are refused before anything runs."""

import time

import pytest

from publisher.render import sandbox
from publisher.render.fault import Refused

NAMES = frozenset({"text", "rank", "mark"})
ENV = sandbox.environment({"upper": str.upper})

ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ text.__class__ }}",
    "{{ text['__class__'] }}",
    "{{ text | attr('__class__') }}",
    "{{ text.upper }}",
    "{{ text.upper() }}",
    "{{ text.format(rank) }}",
    "{{ '{0.__class__}'.format(text) }}",
    "{{ '%s' % text }}",
    "{{ '%c' | format(65) }}",
    "{{ self }}",
    "{{ self.__init__.__globals__ }}",
    "{{ config }}",
    "{{ request }}",
    "{{ lipsum.__globals__ }}",
    "{{ cycler.__init__ }}",
    "{{ joiner() }}",
    "{{ namespace() }}",
    "{{ range(9) }}",
    "{{ dict(a=1) }}",
    "{{ caller() }}",
    "{{ varargs }}",
    "{{ loop }}",
    "{{ super() }}",
    "{{ text is defined }}",
    "{{ text is divisibleby 3 }}",
    "{{ text in mark }}",
    "{{ text ~ mark }}",
    "{{ text if rank else mark }}",
    "{{ [text] }}",
    "{{ (text, mark) }}",
    "{{ {'a': text} }}",
    "{{ text[0] }}",
    "{{ text[:3] }}",
    "{{ -rank }}",
    "{{ none }}",
    "{{ 1.5 }}",
    "{{ missing }}",
    "{{ text | upper('x') }}",
    "{{ text | upper(x=1) }}",
    "{{ text | upper(*rank) }}",
    "{{ text | safe }}",
    "{{ text | tojson }}",
    "{{ text | map('upper') }}",
    "{{ text | pprint }}",
    "{% set text = 'x' %}",
    "{% macro a() %}{% endmacro %}",
    "{% call text() %}{% endcall %}",
    "{% import 'x' as x %}",
    "{% from 'x' import y %}",
    "{% include 'words.zh.yaml' %}",
    "{% extends 'x' %}",
    "{% block a %}{% endblock %}",
    "{% filter upper %}{{ text }}{% endfilter %}",
    "{% with %}{% endwith %}",
    "{% autoescape true %}{% endautoescape %}",
    "{% do text.x %}",
    "{% trans %}x{% endtrans %}",
    "{% debug %}",
    "{% if text.__class__ %}{% endif %}",
    "{% if rank == text.x() %}{% endif %}",
    "⟦issued:nonsense⟧",
    "⟦secret:zh⟧",
]
WASTES = [
    "{{ 'a' * 100000000 }}",
    "{{ 10 ** 10 ** 10 }}",
    "{{ text * 1000000 }}",
    "{{ text + text }}",
    "{{ rank // 0 }}",
    "{{ 'x' | center(1000000000) }}",
    "{{ text | wordwrap(1) }}",
    "{{ text | indent(100000000) }}",
    "{% for a in text %}{% for b in text %}x{% endfor %}{% endfor %}",
    "{% for a in range(99999999) %}x{% endfor %}",
    "{% for a in text recursive %}{{ loop(text) }}{% endfor %}",
    "{{ " + "(" * 6000 + "text" + ")" * 6000 + " }}",
    "{{ " + "not " * 3000 + "text }}",
    "{{ " + " and ".join(["text"] * 2000) + " }}",
    "{{ text" + " | upper" * 1500 + " }}",
    "{% if text %}" * 400 + "{% endif %}" * 400,
    "{{ " + "9" * 9000 + " }}",
    "{{ '" + "x" * 9000 + "' }}",
    "x" * (sandbox.LONGEST_SOURCE + 1),
    "{{ '%0999999999d' % rank }}",
]
BROKEN = [
    "{{ text",
    "{% if text %}",
    "{% endif %}",
    "{{ }}",
    "{{ text | }}",
    "{% if %}{% endif %}",
    "{{ 'a }}",
    "{# text",
]


def check(source: str, line: int = 1) -> sandbox.Checked:
    return sandbox.checked(source, where="t.txt", line=line, names=NAMES, env=ENV)


@pytest.mark.parametrize("source", ESCAPES + WASTES + BROKEN, ids=lambda source: source[:40])
def test_it_refuses_quickly_and_says_where(source: str) -> None:
    began = time.process_time()
    with pytest.raises(Refused) as found:
        check(source)
    assert time.process_time() - began < 3
    assert all(str(reason).startswith("t.txt:1: ") for reason in found.value.faults)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ text }}", "rain"),
        ("{{ text | upper }}", "RAIN"),
        (
            "{% if rank > 3 and not mark == '' %}{{ mark }}{% elif rank >= 2 or text != 'x' %}two{% endif %}",
            "two",
        ),
        ("{# a comment #}{% raw %}{{ no }}{% endraw %}", "{{ no }}"),
        ("{{ 'a' }}{{ 2 }}{{ true }}", "a2True"),
        ("⟦issued:zh⟧ ⟦id:raw⟧", "⟦issued:zh⟧ ⟦id:raw⟧"),
    ],
)
def test_what_is_allowed_works(source: str, said: str) -> None:
    assert check(source).render({"text": "rain", "rank": 2, "mark": ""}) == said


def test_every_fault_is_named_with_its_line() -> None:
    with pytest.raises(Refused) as found:
        check("{{ text }}\n{{ missing }}\n{% if rank %}\n{{ other.thing }}{% endif %}", line=10)
    assert [str(reason).split(": ")[0] for reason in found.value.faults] == ["t.txt:11", "t.txt:13"]
    assert "there are: mark, rank, text" in found.value.faults[0].message


def test_a_value_is_never_read_as_a_template() -> None:
    assert check("{{ text }}").render({"text": "{{ 7 * 7 }}", "rank": 0, "mark": ""}) == "{{ 7 * 7 }}"


def test_html_and_quotes_are_left_to_the_channel_that_needs_them_escaped() -> None:
    assert check("{{ text }}").render({"text": "<b>&'\"", "rank": 0, "mark": ""}) == "<b>&'\""
