"""Which template language may an officer write? Names, a few filters and `if`, checked before anything runs.

Jinja2's sandbox stops escapes but not waste: a loop or a multiplication can fill the memory. So a template is read
into its syntax tree first, and whatever is not on the short list below is refused with file and line. What is left
can neither loop nor call, so its cost is bounded by its own size and by the size of the values put in.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from publisher.model import slots
from publisher.render.fault import Refused, Wrong

LONGEST_SOURCE = 16_384
"""Characters of one template file."""
LONGEST_TEXT = 20_000
"""Characters of one rendered field."""
DEEPEST = 24
LONGEST_CONSTANT = 200

Filter = Callable[[str], str]
Value = str | int | bool

_PLAIN = (nodes.Template, nodes.Output, nodes.If, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand)
_OPERANDS = frozenset({"eq", "ne", "lt", "lteq", "gt", "gteq"})


class TooLong(ValueError):
    """A text grew past `LONGEST_TEXT`; it is never cut in silence."""


@dataclass(frozen=True)
class Checked:
    """A template that passed; `render` wants a value for every name it was checked against.

    It is compiled when first rendered: of a pack's several hundred texts one warning needs a few dozen.
    """

    where: str
    source: str
    env: ImmutableSandboxedEnvironment

    @cached_property
    def template(self) -> Template:
        """The same source as code."""
        return self.env.from_string(self.source)

    def render(self, values: Mapping[str, Value]) -> str:
        """The text. Raises TooLong."""
        parts: list[str] = []
        size = 0
        for part in self.template.generate(values):
            size += len(part)
            if size > LONGEST_TEXT:
                raise TooLong(f"{self.where}: the text is longer than {LONGEST_TEXT} characters")
            parts.append(part)
        return "".join(parts)


def environment(filters: Mapping[str, Filter]) -> ImmutableSandboxedEnvironment:
    """Jinja2 with nothing in it but `filters`: no globals, tests, loaders or extensions."""
    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, cache_size=0)
    made.globals = {}
    made.tests = {}
    made.filters = dict(filters)
    return made


def checked(
    source: str, *, where: str, line: int, names: Collection[str], env: ImmutableSandboxedEnvironment
) -> Checked:
    """`source` as a template whose first line is `line` of file `where`. Raises Refused with every fault in it."""
    tree = _tree(source, where, line, env)
    faults = [wrong.at(where, at) for at, wrong in _faults(tree, names, env.filters)]
    if faults:
        raise Refused(faults)
    return Checked(where, source, env)


def _tree(source: str, where: str, line: int, env: ImmutableSandboxedEnvironment) -> nodes.Template:
    if len(source) > LONGEST_SOURCE:
        says = f"longer than {LONGEST_SOURCE} characters"
        raise Refused([Wrong(says, "TEMPLATE_LONG", {"characters": LONGEST_SOURCE}).at(where, line)])
    try:
        return env.parse("\n" * (line - 1) + source)
    except TemplateSyntaxError as wrong:
        says = str(wrong.message)
        raise Refused([Wrong(says, "TEMPLATE_SYNTAX", {"why": says}).at(where, wrong.lineno)]) from None
    except (RecursionError, ValueError):
        says = "nested too deeply, or a number too long to read"
        raise Refused([Wrong(says, "TEMPLATE_DEEP").at(where, line)]) from None


def _faults(tree: nodes.Template, names: Collection[str], filters: Collection[str]) -> Iterator[tuple[int, Wrong]]:
    """(line, fault) for every node that is not allowed; below a fault nothing more is looked at."""
    waiting: list[tuple[nodes.Node, int, int]] = [(tree, 1, 0)]
    while waiting:
        node, above, depth = waiting.pop()
        line = node.lineno or above  # some inner nodes carry none
        fault = _fault(node, names, filters) or (
            None if depth <= DEEPEST else Wrong("nested too deeply", "TEMPLATE_DEEP")
        )
        if fault:
            yield line, fault
        else:
            waiting += [(child, line, depth + 1) for child in reversed(list(node.iter_child_nodes()))]


def _fault(node: nodes.Node, names: Collection[str], filters: Collection[str]) -> Wrong | None:
    match node:
        case nodes.Name():
            return _name_fault(node, names)
        case nodes.Const():
            return _constant_fault(node.value)
        case nodes.Filter():
            return _filter_fault(node, filters)
        case nodes.Operand() if node.op not in _OPERANDS:
            says = f"comparison {node.op!r} is not allowed; there are == != < <= > >="
            return Wrong(says, "TEMPLATE_COMPARISON", {"op": node.op})
        case nodes.TemplateData():
            return _slot_fault(node.data)
        case _ if isinstance(node, _PLAIN):
            return None
        case _:
            what = type(node).__name__.lower()
            says = f"{what!r} is not allowed; a template may hold names, filters and if/elif/else"
            return Wrong(says, "TEMPLATE_NODE", {"what": what})


def _name_fault(node: nodes.Name, names: Collection[str]) -> Wrong | None:
    if node.ctx == "load" and node.name in names:
        return None
    there = tuple(sorted(names))
    says = f"there is no name {node.name!r}; there are: {', '.join(there)}"
    return Wrong(says, "TEMPLATE_NAME", {"name": node.name, "there": there})


def _constant_fault(value: object) -> Wrong | None:
    if isinstance(value, bool | int) or (isinstance(value, str) and len(value) <= LONGEST_CONSTANT):
        return None
    says = f"only whole numbers, true, false and texts up to {LONGEST_CONSTANT} characters are allowed"
    return Wrong(says, "TEMPLATE_CONSTANT", {"characters": LONGEST_CONSTANT})


def _filter_fault(node: nodes.Filter, filters: Collection[str]) -> Wrong | None:
    if node.name not in filters or node.node is None:
        there = tuple(sorted(filters))
        says = f"there is no filter {node.name!r}; there are: {', '.join(there)}"
        return Wrong(says, "TEMPLATE_FILTER", {"name": node.name, "there": there})
    if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return Wrong(f"filter {node.name!r} takes no arguments", "TEMPLATE_ARGUMENTS", {"name": node.name})
    return None


def _slot_fault(data: str) -> Wrong | None:
    known = {("id", "raw"), *(("issued", form) for form in slots.FORMS)}
    bad = tuple(f"{name}:{form}" for name, form in slots.used(data) if (name, form) not in known)
    return Wrong(f"there is no slot {', '.join(bad)}", "TEMPLATE_SLOT", {"slots": bad}) if bad else None
