"""Where does a CAP 1.2 tree break the schema? All mistakes at once, where a schema processor stops at one per group."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from publisher.formats.codes import finding
from publisher.formats.sequence import misplaced
from publisher.formats.structure import CAP12, DSIG, ORDER, SLOTS, WORDS, XSI, Element, Name, Slot, name_of, step
from publisher.formats.texts import CAP_TIME, cap_time, is_language, is_whole, number, shown, trim
from publisher.model.finding import Finding

_NS = f"{{{CAP12}}}"
_ALLOWED_ATTRIBUTES = frozenset({f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation"})
_MOST = 2_000
_SIGNATURE_PLACE = len(ORDER["alert"])


def explain(root: Element) -> tuple[Finding, ...]:
    """Every structural mistake below a CAP 1.2 `alert` element, in document order of their groups, up to a bound."""
    return tuple(islice(_group(root, "alert", "/alert"), _MOST))


def _group(element: Element, group: str, path: str) -> Iterator[Finding]:
    yield from _attributes(element, path)
    yield from _loose_text(element, group, path)
    children = [child for child in element if isinstance(child.tag, str)]
    yield from _order(children, group, path)
    seen: Counter[str] = Counter()
    for child in children:
        seen[child.tag] += 1
        yield from _child(child, group, path, seen[child.tag])
    yield from _missing(seen, group, path)


def _child(child: Element, group: str, path: str, nth: int) -> Iterator[Finding]:
    name = name_of(child)
    if group == "alert" and name.namespace == DSIG:
        return
    slot = SLOTS[group].get(name.localname) if name.namespace == CAP12 else None
    here = f"{path}/{step(slot, name.localname, nth)}"
    if slot is None:
        yield _unknown(name, group, here)
        return
    if nth > 1 and not slot.many:
        yield finding("DUPLICATE_ELEMENT", here, f"{slot.name} occurs again; one is accepted. Keep the right one.")
    if slot.kind == "group":
        yield from _group(child, slot.name, here)
    else:
        yield from _attributes(child, here)
        yield from _value(child, slot, here)


def _unknown(name: Name, group: str, path: str) -> Finding:
    if name.localname == "password" and name.namespace == CAP12:
        return finding("PASSWORD_DEPRECATED", path, "password was dropped after CAP 1.0. Leave it out.")
    where = "" if name.namespace == CAP12 else f" of namespace {shown(name.namespace or '')}"
    accepted = ", ".join(SLOTS[group])
    return finding(
        "UNSUPPORTED_ELEMENT", path, f"{group} has no element {name.localname}{where}. It may hold: {accepted}."
    )


def _attributes(element: Element, path: str) -> Iterator[Finding]:
    names = [name_of(str(name)).localname for name in element.attrib if name not in _ALLOWED_ATTRIBUTES]
    if names:
        listed = shown(", ".join(names))
        yield finding("UNSUPPORTED_ATTRIBUTE", path, f"Found the attributes {listed}; CAP has none. Leave them out.")


def _loose_text(element: Element, group: str, path: str) -> Iterator[Finding]:
    texts = [element.text, *(child.tail for child in element)]
    loose = next((trim(text) for text in texts if trim(text)), None)
    if loose:
        message = (
            f"{group} holds elements only; found the loose text {shown(loose)}. Put it into an element or take it out."
        )
        yield finding("INVALID_CHARACTERS", path, message, "xsd")


def _order(children: list[Element], group: str, path: str) -> Iterator[Finding]:
    """Blame as few elements as possible; a surplus copy is a duplicate already and not asked for its place."""
    seen: Counter[str] = Counter()
    known: list[tuple[int, str, str]] = []
    for child in children:
        name = name_of(child)
        place, slot = _place(name, group), SLOTS[group].get(name.localname)
        seen[child.tag] += 1
        nth = seen[child.tag]
        if place is not None and (nth == 1 or slot is None or slot.many):
            known.append((place, name.localname, f"{path}/{step(slot, name.localname, nth)}"))
    for index in sorted(misplaced([place for place, _, _ in known])):
        place, plain, here = known[index]
        yield finding("INVALID_SEQUENCE", here, _belongs(plain, group, place))


def _place(name: Name, group: str) -> int | None:
    if group == "alert" and name.namespace == DSIG:
        return _SIGNATURE_PLACE
    return ORDER[group].get(name.localname) if name.namespace == CAP12 else None


def _belongs(name: str, group: str, place: int) -> str:
    before = [other for other, at in ORDER[group].items() if at < place]
    after = [other for other, at in ORDER[group].items() if at > place]
    parts = ([f"after {before[-1]}"] if before else []) + ([f"before {after[0]}"] if after else [])
    return f"{name} is out of order; it belongs {' and '.join(parts)}."


def _missing(seen: Counter[str], group: str, path: str) -> Iterator[Finding]:
    for slot in SLOTS[group].values():
        if slot.required and not seen[_NS + slot.name]:
            accepted = f" One of: {', '.join(WORDS[slot.name])}." if slot.name in WORDS else ""
            yield finding("MISSING_REQUIRED_ELEMENT", f"{path}/{slot.name}", f"{group} needs {slot.name}.{accepted}")


def _value(element: Element, slot: Slot, path: str) -> Iterator[Finding]:
    inner = next((child for child in element if isinstance(child.tag, str)), None)
    if inner is not None:
        name = name_of(inner).localname
        yield finding(
            "INVALID_VALUE", path, f"{slot.name} holds the element {name}; plain text only is accepted.", "xsd"
        )
        return
    text = element.text or ""
    match slot.kind:
        case "word":
            yield from _word(text, slot, path)
        case "time" if cap_time(trim(text)) is None:
            yield finding("INVALID_DATE", path, f"Found {shown(text)}. Write {CAP_TIME}.", "xsd")
        case "language" if text and not is_language(trim(text)):  # empty stands for the schema's default
            yield finding("INVALID_LANGUAGE", path, f"Found {shown(text)}. Write an RFC 3066 tag such as zh-CN.")
        case "integer" if not is_whole(trim(text)):
            yield finding("INVALID_RESOURCE_SIZE", path, f"Found {shown(text)}. Write a number of bytes.", "xsd")
        case "decimal" if number(trim(text)) is None:
            yield finding("INVALID_VALUE", path, f"Found {shown(text)}. Write a number of feet.", "xsd")
        case _:
            return


def _word(text: str, slot: Slot, path: str) -> Iterator[Finding]:
    words = WORDS[slot.name]
    if text in words:
        return
    if slot.name == "certainty" and text.replace(" ", "") == "VeryLikely":
        yield finding("CERTAINTY_VERY_LIKELY_DEPRECATED", path, f"Found {shown(text)}. Write Likely.")
        return
    yield finding("INVALID_ENUM_VALUE", path, f"Found {shown(text)}. One of: {', '.join(words)}.")
