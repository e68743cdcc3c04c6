"""What does a JSON alert say? One object to the format-neutral Alert, all mistakes at once with their JSON paths."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from publisher.formats.codes import finding
from publisher.formats.json_model import JsonAlert, JsonReference
from publisher.formats.limits import Limits
from publisher.formats.texts import shown
from publisher.model.alert import Alert, AlertArea, Info, Pairs, Reference
from publisher.model.finding import Finding, Layer

MSG_TYPES = {"issue": "Alert", "update": "Update", "lift": "Cancel", "retract": "Cancel"}
SEVERITIES = (
    (("red", "红", "ⅰ级", "i级", "extreme", "一级"), "Extreme"),
    (("orange", "橙", "ⅱ级", "ii级", "severe", "二级"), "Severe"),
    (("yellow", "黄", "ⅲ级", "iii级", "moderate", "三级"), "Moderate"),
    (("blue", "蓝", "ⅳ级", "iv级", "minor", "四级"), "Minor"),
)
_CODES = {
    "missing": "MISSING_REQUIRED_ELEMENT",
    "extra_forbidden": "UNSUPPORTED_ELEMENT",
    "literal_error": "INVALID_ENUM_VALUE",
    "invalid_time": "INVALID_DATE",
    "string_unicode": "INVALID_CHARACTERS",
}
_UNION_MEMBERS = frozenset({"list[constrained-str]", "constrained-str"})


@dataclass(slots=True)
class _Reader:
    """Collects what plain JSON parsing would hide: names that occur twice, and numbers JSON does not have."""

    found: list[Finding] = field(default_factory=list)

    def object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        read = dict(pairs)
        if len(read) < len(pairs):
            for name, times in Counter(name for name, _ in pairs).items():
                if times > 1:
                    message = f"{shown(name)} occurs {times} times in one object. Write it once."
                    self.found.append(finding("DUPLICATE_ELEMENT", f"$..{shown(name)[1:-1]}", message))
        return read

    def constant(self, name: str) -> None:
        self.found.append(finding("INVALID_VALUE", "$", f"{name} is not JSON. Write a number or leave it out."))


def build(text: str, sha256: str, limits: Limits, found: list[Finding]) -> Alert | None:
    """Read a JSON alert, appending everything wrong with it to `found`; None when it does not follow the schema."""
    value = _parsed(text, limits, found)
    if value is None:
        return None
    try:
        model = JsonAlert.model_validate(value)
    except ValidationError as error:
        found.extend(_finding(details) for details in error.errors(include_url=False))
        return None
    return _alert(model, sha256)


def _parsed(text: str, limits: Limits, found: list[Finding]) -> dict[str, object] | None:
    reader = _Reader()
    try:
        value = json.loads(text, object_pairs_hook=reader.object, parse_constant=reader.constant)
    except RecursionError:
        found.append(_too_deep(limits))
        return None
    except ValueError as error:
        found.append(finding("MALFORMED_JSON", "$", f"Not well-formed: {error}. Send the whole object again."))
        return None
    found.extend(reader.found)
    if not isinstance(value, dict):
        message = f"Found {_kind(value)}. Send one alert per message, as one object."
        found.append(finding("MALFORMED_JSON", "$", message))
        return None
    nodes, depth = _size(value)
    if depth > limits.max_depth:
        found.append(_too_deep(limits))
    if nodes > limits.max_nodes:
        message = f"Found {nodes} values; at most {limits.max_nodes} are read. Send a smaller message."
        found.append(finding("TOO_MANY_NODES", "$", message))
    return None if depth > limits.max_depth or nodes > limits.max_nodes else value


def _too_deep(limits: Limits) -> Finding:
    return finding("TOO_DEEP", "$", f"Nested too deeply; at most {limits.max_depth} levels are read. Send it flatter.")


def _kind(value: object) -> str:
    return f"an array of {len(value)}" if isinstance(value, list) else type(value).__name__


def _size(value: object) -> tuple[int, int]:
    """How many values there are, and how deep."""
    nodes, depth, level = 0, 0, [value]
    while level:
        nodes += len(level)
        depth += 1
        level = [inner for outer in level for inner in _inside(outer)]
    return nodes, depth


def _inside(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _finding(details: ErrorDetails) -> Finding:
    kind = details["type"]
    message = details["msg"].rstrip(".") + "."
    if kind == "missing":
        message = "A required member is missing. Add it."
    elif kind == "extra_forbidden":
        members = JsonReference.model_fields if "references" in details["loc"] else JsonAlert.model_fields
        message = f"There is no such member. There are: {', '.join(members)}."
    elif kind == "literal_error":
        message = f"Found {shown(str(details['input']))}. {message.replace('Input should be', 'One of:')}"
    layer: Layer = "security" if kind == "string_unicode" else "xsd"
    return finding(_CODES.get(kind, "INVALID_VALUE"), _path(details["loc"]), message, layer)


def _path(location: tuple[int | str, ...]) -> str:
    named = (part for part in location if part not in _UNION_MEMBERS)
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{shown(part)[1:-1]}" for part in named)


def _alert(model: JsonAlert, sha256: str) -> Alert:
    return Alert(
        identifier=model.identifier or f"json-{sha256[:16]}",
        sender=model.sender,
        sent=model.sent,
        status=model.status,
        msg_type=MSG_TYPES[model.act],
        scope="Public",
        note=model.note,
        references=tuple(Reference(ref.sender or model.sender, ref.identifier, ref.sent) for ref in model.references),
        infos=(_info(model),),
    )


def _info(model: JsonAlert) -> Info:
    return Info(
        language=model.language,
        categories=(),
        event=model.event or model.hazard or model.headline,
        response_types=("AllClear",) if model.act == "lift" else (),
        urgency="Unknown",
        severity=_severity(model.level or ""),
        certainty="Unknown",
        event_codes=(("hazard", model.hazard),) if model.hazard else (),
        effective=model.effective,
        onset=model.onset,
        expires=model.expires,
        headline=model.headline,
        description=model.description,
        instruction=model.instruction,
        web=model.web,
        contact=model.contact,
        parameters=_parameters(model),
        areas=_areas(model),
    )


def _severity(level: str) -> str:
    """CAP severity where the level says one in common words; the pack decides what the level is."""
    said = level.strip().lower()
    for words, severity in SEVERITIES:
        if any(said.startswith(word) for word in words):
            return severity
    return "Unknown"


def _parameters(model: JsonAlert) -> Pairs:
    level = (("level", model.level),) if model.level else ()
    return (("act", model.act), *level, *model.parameters.items())


def _areas(model: JsonAlert) -> tuple[AlertArea, ...]:
    words = [model.area_words] if isinstance(model.area_words, str) else model.area_words
    if not words and not model.areas:
        return ()
    return (
        AlertArea(description=", ".join(words or model.areas), geocodes=tuple(("area", code) for code in model.areas)),
    )
