"""What came in? Any bytes to one Reading: encoding and format are found out, everything wrong is said at once."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from publisher.formats import (
    cap11,
    cap_xml,
    characters,
    dialect_12379,
    json_alert,
    profile,
    repair,
    semantics,
    signature,
    validity,
    xml_in,
    xsd,
)
from publisher.formats.codes import finding
from publisher.formats.decode import Decoded, decode
from publisher.formats.limits import UNKNOWN_SOURCE, Limits
from publisher.formats.paths import in_12379, in_json
from publisher.formats.structure import CAP11, CAP12, DSIG, Element, Name, name_of
from publisher.model.alert import Alert, Format, Reading
from publisher.model.finding import Finding

__all__ = ["UNKNOWN_SOURCE", "Limits", "read"]

_MOST_FINDINGS = 1_000
_DEFAULT = Limits()
_CAP: dict[str | None, Format] = {CAP12: "cap12", CAP11: "cap11"}
_FEEDS = {"feed": "an Atom feed", "rss": "an RSS feed", "EDXLDistribution": "an EDXL-DE envelope", "html": "a web page"}
_ACCEPTED = "Send CAP 1.2 or 1.1, a 12379 file, or our JSON alert"


@dataclass(frozen=True, slots=True)
class _Task:
    """One message and how it is to be read."""

    sha256: str
    now: datetime | None
    tolerant: bool
    limits: Limits
    offset: str | None

    def refused(self, *found: Finding) -> Reading:
        return Reading("unknown", None, found, self.sha256)


def read(
    raw: bytes,
    *,
    now: datetime | None = None,
    tolerant: bool = False,
    limits: Limits = _DEFAULT,
    offset: str | None = None,
) -> Reading:
    """Read one message of any known format. Total: any bytes give a Reading, and none raises.

    `now` (aware) adds the findings about the present. `tolerant` mends what docs/formats.md lists under repairs;
    `offset` (`+08:00`) is then what a time without one means for this source.
    """
    task = _Task(hashlib.sha256(raw).hexdigest(), now, tolerant, limits, offset)
    if len(raw) > limits.max_bytes:
        message = f"Found {len(raw)} bytes; at most {limits.max_bytes} are read. Send a smaller message."
        return task.refused(finding("TOO_LARGE", "/", message))
    decoded = decode(raw, tolerant=tolerant)
    if isinstance(decoded, Finding):
        return task.refused(decoded)
    return _by_format(decoded, task)


def _by_format(decoded: Decoded, task: _Task) -> Reading:
    start = decoded.text.lstrip()[:1]
    if start == "<":
        return _xml(_without_leading_blanks(decoded, task), task)
    if start in ("{", "["):
        return _json(decoded, task)
    if not start:
        return task.refused(finding("EMPTY_INPUT", "/", f"The message is empty. {_ACCEPTED}."))
    return task.refused(*decoded.repairs, _not_cap("It is neither XML nor JSON"))


def _without_leading_blanks(decoded: Decoded, task: _Task) -> Decoded:
    text = decoded.text.lstrip()
    if not task.tolerant or text == decoded.text or not text.startswith("<?xml"):
        return decoded
    dropped = finding("REPAIRED_LEADING_SPACE", "/", "Blanks before the XML declaration were dropped.")
    return Decoded(text, text.encode(), (*decoded.repairs, dropped))


def _xml(decoded: Decoded, task: _Task) -> Reading:
    parsed = xml_in.parse(decoded.text, decoded.utf8, task.limits)
    found = [*decoded.repairs, *parsed.findings]
    root = parsed.root
    if root is None:
        return task.refused(*found)
    name = name_of(root)
    known = _CAP.get(name.namespace) if name.localname == "alert" else None
    deep = () if known else xml_in.too_deep(root, task.limits)
    if deep:
        return task.refused(*found, *deep)
    if known is None and dialect_12379.recognises(root):
        return _dialect(root, decoded.text, found, task)
    if known is None and not (task.tolerant and name.localname.lower() == "alert"):
        return task.refused(*found, _wrong_root(name))
    if not parsed.whole:
        return Reading(known or "cap12", cap_xml.build(root, []), _bounded(found), task.sha256)
    return _cap(root, known or "cap12", decoded.text, found, task)


def _cap(root: Element, known: Format, text: str, found: list[Finding], task: _Task) -> Reading:
    signed, suspicions = signature.check(root) if DSIG in text else (False, ())
    if known == "cap11":
        found += cap11.to_cap12(root, tolerant=task.tolerant)
    broken = xsd.check(root)
    deep = xml_in.too_deep(root, task.limits) if broken or signed else ()
    if deep:
        return task.refused(*found, *deep)
    if broken and task.tolerant:
        found += repair.repair(root, task.offset)
        broken = xsd.check(root)
    details: list[Finding] = []
    alert = cap_xml.build(root, details)
    details += _judged(alert, text, task, profile.check)
    named = {one.path for one in broken}
    found += [*broken, *(one for one in details if one.refuses or one.path not in named), *suspicions]
    return Reading(known, alert, _bounded(found), task.sha256, signed)


def _dialect(root: Element, text: str, found: list[Finding], task: _Task) -> Reading:
    own: list[Finding] = []
    alert = dialect_12379.build(root, own)
    named = {one.path for one in own if one.refuses}
    rest = _moved(_judged(alert, text, task, profile.common), in_12379)
    found += [*own, *(one for one in rest if one.refuses or one.path not in named)]
    return Reading("12379", alert, _bounded(found), task.sha256)


def _json(decoded: Decoded, task: _Task) -> Reading:
    found = list(decoded.repairs)
    alert = json_alert.build(decoded.text, task.sha256, task.limits, found)
    if alert is not None:
        found += _moved(_judged(alert, "&", task, profile.common), in_json)
    return Reading("json", alert, _bounded(found), task.sha256)


def _judged(alert: Alert, text: str, task: _Task, rules: Callable[[Alert], Iterator[Finding]]) -> list[Finding]:
    found = [*semantics.check(alert), *rules(alert), *validity.check(alert, task.now, task.limits)]
    if characters.suspicious(text):
        found += characters.check(alert)
    return found


def _bounded(found: list[Finding]) -> tuple[Finding, ...]:
    """All of them, in the order found; of a flood the refusing ones first, and how many were left out."""
    if len(found) <= _MOST_FINDINGS:
        return tuple(found)
    first = sorted(found, key=lambda one: not one.refuses)[:_MOST_FINDINGS]
    message = f"{len(found) - len(first)} more findings were left out. Mend these first."
    return (*first, finding("MORE_FINDINGS", "/", message))


def _moved(found: list[Finding], to: Callable[[str], str]) -> list[Finding]:
    return [Finding(one.code, one.layer, one.refuses, to(one.path), one.message) for one in found]


def _wrong_root(name: Name) -> Finding:
    what = _FEEDS.get(name.localname)
    if what:
        return _not_cap(f"It is {what}, not an alert")
    space = f'"{name.namespace}"' if name.namespace else "none"
    return _not_cap(f"The root element is {name.localname}, its namespace {space}")


def _not_cap(what: str) -> Finding:
    wanted = f'{_ACCEPTED}. CAP needs the root alert in the namespace "{CAP12}"'
    return finding("NOT_CAP", "/", f"{what}. {wanted}.")
