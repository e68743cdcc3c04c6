"""How is one value of a tolerant source mended? Words, times and language tags are brought into CAP's spelling."""

import re
from collections.abc import Iterator

from publisher.formats.codes import finding
from publisher.formats.structure import CAP12, WORDS, Element, Slot
from publisher.formats.texts import cap_time, is_language, shown, trim
from publisher.formats.times import canonical, offset_of
from publisher.model.finding import Finding

_NS = f"{{{CAP12}}}"
_DROPPED_WORDS = {("certainty", "verylikely"): "Likely"}
"""CAP 1.0 and 12379 words, and what the standard says to read them as."""


def mend_value(element: Element, slot: Slot, path: str, offset: str | None) -> Iterator[Finding]:
    """Rewrite the element's text when what is meant is certain, saying so; otherwise leave it to be refused."""
    old = element.text or ""
    match slot.kind:
        case "word":
            code, new = "REPAIRED_ENUM_VALUE", _word(slot.name, old)
        case "time":
            code, new = "REPAIRED_DATE", _time(trim(old), offset)
        case "language":
            code, new = "REPAIRED_LANGUAGE", _language(trim(old))
        case _:
            return
    if new is not None and new != old:
        element.text = new
        yield finding(code, path, f"{shown(old)} was read as {shown(new)}.")


def offset_in(root: Element) -> str | None:
    """The offset the message itself uses elsewhere, when all its times that have one agree."""
    times = root.iter(*(_NS + name for name in ("sent", "effective", "onset", "expires")))
    offsets = {offset for time in times if (offset := offset_of(trim(time.text)))}
    return offsets.pop() if len(offsets) == 1 else None


def _word(name: str, text: str) -> str | None:
    if text in WORDS[name]:
        return None
    bare = re.sub(r"[\s_-]", "", text).lower()
    spelled = {word.lower(): word for word in WORDS[name]}
    return spelled.get(bare) or _DROPPED_WORDS.get((name, bare))


def _time(text: str, offset: str | None) -> str | None:
    return None if cap_time(text) is not None else canonical(text, offset)


def _language(text: str) -> str | None:
    mended = re.sub(r"[_\s]+", "-", re.split(r"[.@]", text)[0])
    return mended if not is_language(text) and is_language(mended) else None
