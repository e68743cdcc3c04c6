"""Does an alert mean what CAP 1.2 says it must, beyond what a schema can tell? Works on any format's Alert."""

import base64
import binascii
import re
from collections.abc import Iterator

from publisher.formats.addresses import address_problem
from publisher.formats.codes import finding
from publisher.formats.texts import shown
from publisher.model.alert import Alert, AlertArea, Info, Reference, Resource
from publisher.model.finding import Finding

_NAME = re.compile(r"[^\s,&<]+")
_MIME = re.compile(
    r"(?:application|audio|font|image|message|model|multipart|text|video)/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*(?:\s*;.*)?"
)
_NAME_WANTED = "Write it without blanks, commas, < or &"
_LANGUAGE_TEXTS = ("event", "headline", "description", "instruction")


def check(alert: Alert) -> Iterator[Finding]:
    """Findings of the layers semantic and state, and of security for addresses that could run code."""
    yield from _names(alert)
    yield from _scope(alert)
    if alert.references:
        yield from _references(alert)
    for nth, info in enumerate(alert.infos, 1):
        yield from _info(info, f"/alert/info[{nth}]")
    if len(alert.infos) > 1:
        yield from _languages(alert)


def _names(alert: Alert) -> Iterator[Finding]:
    if not _NAME.fullmatch(alert.identifier):
        message = f"Found {shown(alert.identifier)}. {_NAME_WANTED}."
        yield finding("INVALID_IDENTIFIER", "/alert/identifier", message)
    if not _NAME.fullmatch(alert.sender):
        yield finding("INVALID_SENDER", "/alert/sender", f"Found {shown(alert.sender)}. {_NAME_WANTED}.")


def _scope(alert: Alert) -> Iterator[Finding]:
    if alert.restriction and alert.scope != "Restricted":
        message = (
            f"A restriction stands beside scope {alert.scope}. Write scope Restricted, or take the restriction out."
        )
        yield finding("RESTRICTION_SCOPE_MISMATCH", "/alert/restriction", message)
    if alert.scope == "Restricted" and not alert.restriction:
        message = "Scope Restricted says nothing of whom it is restricted to. Add a restriction."
        yield finding("RESTRICTION_SCOPE_MISMATCH", "/alert/scope", message)
    if alert.scope == "Private" and not alert.addresses:
        message = "Scope Private names no addresses. Add the addresses it is meant for."
        yield finding("ADDRESSES_SCOPE_MISMATCH", "/alert/scope", message)


def _references(alert: Alert) -> Iterator[Finding]:
    if alert.msg_type == "Alert":
        message = "A first alert refers to earlier ones. Write msgType Update if it replaces them."
        yield finding("ALERT_WITH_REFERENCES", "/alert/references", message)
    for reference in dict.fromkeys(alert.references):
        yield from _reference(reference, alert)


def _reference(reference: Reference, alert: Alert) -> Iterator[Finding]:
    path, name = "/alert/references", shown(reference.identifier)
    own_sender = reference.sender in ("", alert.sender)
    itself = own_sender and reference.identifier == alert.identifier
    if itself:
        yield finding("CIRCULAR_REFERENCE", path, f"{name} is this alert itself. Name the earlier alerts only.")
    if not own_sender:
        message = f"{name} belongs to {shown(reference.sender)}, this alert comes from {shown(alert.sender)}."
        yield finding("REFERENCE_TO_OTHER_SENDER", path, f"{message} Only a sender's own alerts can be changed by it.")
    if reference.sent is None or alert.sent is None:
        return
    if reference.sent > alert.sent:
        message = f"{name} was sent {reference.sent.isoformat()}, after this alert. Name earlier alerts only."
        yield finding("POSTDATED_REFERENCE", path, message)
    elif reference.sent == alert.sent and not itself:
        message = f"{name} carries this alert's own sent. Write the sent of the alert it names."
        yield finding("REFERENCE_SENT_IS_OWN", path, message)


def _info(info: Info, path: str) -> Iterator[Finding]:
    if not info.event:
        yield finding("EMPTY_REQUIRED_TEXT", f"{path}/event", "event is empty. Say what is happening.")
    if info.web:
        problem = address_problem(info.web)
        if problem:
            yield finding("INVALID_WEB", f"{path}/web", problem.message, problem.layer)
    for nth, resource in enumerate(info.resources, 1):
        yield from _resource(resource, f"{path}/resource[{nth}]")
    for nth, area in enumerate(info.areas, 1):
        yield from _area(area, f"{path}/area[{nth}]")


def _resource(resource: Resource, path: str) -> Iterator[Finding]:
    if not _MIME.fullmatch(resource.mime_type):
        message = f"Found {shown(resource.mime_type)}. Write a media type such as image/png."
        yield finding("INVALID_MIME_TYPE", f"{path}/mimeType", message)
    if resource.size is not None and resource.size < 0:
        message = f"Found {resource.size}. Write a number of bytes, 0 or more."
        yield finding("INVALID_RESOURCE_SIZE", f"{path}/size", message, "semantic")
    yield from _uri(resource, path)
    if resource.deref_uri and not _is_base64(resource.deref_uri):
        message = "derefUri is not base64. Put the file's bytes there in base64."
        yield finding("INVALID_DEREF_URI", f"{path}/derefUri", message)


def _uri(resource: Resource, path: str) -> Iterator[Finding]:
    problem = address_problem(resource.uri) if resource.uri else None
    if problem is None:
        return
    if problem.relative and resource.deref_uri:
        return
    if problem.relative:
        message = f"{shown(resource.uri)} is relative and derefUri is missing. Write an absolute address."
        yield finding("RELATIVE_URI_MISSING_DEREF_URI", f"{path}/uri", message)
        return
    yield finding("INVALID_URI", f"{path}/uri", problem.message, problem.layer)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _area(area: AlertArea, path: str) -> Iterator[Finding]:
    if not area.description:
        yield finding("EMPTY_REQUIRED_TEXT", f"{path}/areaDesc", "areaDesc is empty. Name the place.")
    altitude, ceiling = area.altitude, area.ceiling
    if altitude is not None and altitude < 0:
        message = f"Found {altitude:g}. Write feet above mean sea level, 0 or more."
        yield finding("INVALID_VALUE", f"{path}/altitude", message, "semantic")
    if ceiling is not None and altitude is None:
        yield finding("INVALID_AREA", path, "A ceiling stands without an altitude. Add the altitude it starts from.")
    elif ceiling is not None and altitude is not None and ceiling < altitude:
        message = f"The ceiling {ceiling:g} is below the altitude {altitude:g}. Write the higher one as ceiling."
        yield finding("INVALID_ALTITUDE_CEILING_RANGE", f"{path}/ceiling", message)


def _languages(alert: Alert) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    said: dict[tuple[str, str], str] = {}
    for nth, info in enumerate(alert.infos, 1):
        path, language = f"/alert/info[{nth}]", info.language.lower()
        first = seen.setdefault(language, nth)
        if first != nth:
            message = f"info[{first}] is in {info.language} too. Send one info per language, or areas inside one info."
            yield finding("DUPLICATE_LANGUAGE_INFO", f"{path}/language", message)
        yield from _same_texts(info, path, said)


def _same_texts(info: Info, path: str, said: dict[tuple[str, str], str]) -> Iterator[Finding]:
    language = info.language.lower().partition("-")[0]
    for name in _LANGUAGE_TEXTS:
        text = getattr(info, name)
        other = said.setdefault((name, text), language) if text else language
        if other != language:
            message = f"The same {name} stands under {other} and {language}. Translate it, or drop one info."
            yield finding("SAME_TEXT_DIFFERENT_LANGUAGE", f"{path}/{name}", message)
