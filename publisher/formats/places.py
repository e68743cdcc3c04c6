"""Where in the received document does an element stand? Paths for findings, taken before anything is changed."""

from collections import Counter

from publisher.formats.structure import SLOTS, Element, name_of

_REPEATABLE = frozenset(slot.name for slots in SLOTS.values() for slot in slots.values() if slot.many)


class Places:
    """The path of every element of a tree as it was on the first question, without namespaces."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._paths: dict[Element, str] = {}

    def of(self, element: Element) -> str:
        """`/alert/info[1]/headline`; of an element put in later, where it was put."""
        if not self._paths:
            self._walk()
        path = self._paths.get(element)
        if path is not None:
            return path
        parent = element.getparent()
        name = name_of(element).localname
        return f"/{name}" if parent is None else f"{self.of(parent)}/{name}"

    def _walk(self) -> None:
        self._paths[self._root] = f"/{name_of(self._root).localname}"
        for parent in self._root.iter("*"):
            children = [child for child in parent if isinstance(child.tag, str)]
            names = [name_of(child).localname for child in children]
            total, seen = Counter(names), Counter[str]()
            for child, name in zip(children, names, strict=True):
                seen[name] += 1
                indexed = total[name] > 1 or name in _REPEATABLE
                step = f"{name}[{seen[name]}]" if indexed else name
                self._paths[child] = f"{self._paths[parent]}/{step}"
