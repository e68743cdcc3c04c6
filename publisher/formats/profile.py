"""Is an alert fit for the public? The rules of the public CAP validator's Google profile, and a few of our own."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from publisher.formats.codes import finding
from publisher.model.alert import Alert, AlertArea, Info
from publisher.model.finding import Finding

HEADLINE_MOST = 140
_UNKNOWN = "Unknown"
_ZERO = timedelta(0)


def check(alert: Alert) -> Iterator[Finding]:
    """Every rule, for CAP messages."""
    yield from common(alert)
    yield from _utc(alert.sent, "sent", "/alert")
    for nth, info in enumerate(alert.infos, 1):
        path = f"/alert/info[{nth}]"
        yield from _missing(info, path)
        yield from _vague(info, path)
        yield from _shapes(info, path)
        for name in ("effective", "onset", "expires"):
            yield from _utc(getattr(info, name), name, path)
    if len(alert.infos) > 1:
        yield from _agreement(alert)


def common(alert: Alert) -> Iterator[Finding]:
    """The rules that hold for every format, also for those that have no place for half of CAP's elements."""
    yield from _message(alert)
    if not alert.infos and alert.msg_type not in ("Ack", "Error"):
        yield finding("INFO_IS_REQUIRED", "/alert/info", "The alert has no info. Add one info per language.")
    for nth, info in enumerate(alert.infos, 1):
        path = f"/alert/info[{nth}]"
        yield from _times(info, alert.sent, path)
        yield from _texts(info, path)
        if not info.areas:
            yield finding("AREA_IS_REQUIRED", f"{path}/area", "The info names no area. Add at least one.")


def _message(alert: Alert) -> Iterator[Finding]:
    if not alert.references:
        if alert.msg_type in ("Update", "Cancel"):
            message = f"The {alert.msg_type} names no earlier alert. Add references to all it replaces."
            yield finding("UPDATE_OR_CANCEL_MUST_REFERENCE", "/alert/msgType", message)
        if alert.msg_type in ("Ack", "Error"):
            message = f"The {alert.msg_type} does not say what it answers. Add references."
            yield finding("ACK_OR_ERROR_MUST_REFERENCE", "/alert/msgType", message)
    if alert.msg_type == "Error" and not alert.note:
        yield finding("ERROR_NOTE_EXPECTED", "/alert/msgType", "The Error does not say what is wrong. Add a note.")
    if alert.status == "Exercise" and not alert.note:
        yield finding(
            "EXERCISE_NOTE_EXPECTED", "/alert/status", "The Exercise is not named. Add a note that says which."
        )
    if alert.status == "Test":
        message = "A Test is never published. Write status Actual or Exercise if it should be."
        yield finding("TEST_ALERT_DISCOURAGED", "/alert/status", message)
    if alert.status in ("System", "Draft"):
        message = f"Status {alert.status} is never published. Write status Actual or Exercise if it should be."
        yield finding("STATUS_NOT_FOR_PUBLIC", "/alert/status", message)


def _times(info: Info, sent: datetime | None, path: str) -> Iterator[Finding]:
    expires = info.expires
    if expires is None:
        return
    starts = info.effective or sent
    if starts is not None and expires <= starts:
        name = "effective" if info.effective else "sent"
        message = f"expires is not after {name} ({starts.isoformat()}). Write a later expires."
        yield finding("EFFECTIVE_NOT_AFTER_EXPIRES", f"{path}/{'effective' if info.effective else 'expires'}", message)
    if info.effective and sent and expires <= sent:
        message = f"expires is not after sent ({sent.isoformat()}). Write a later expires."
        yield finding("SENT_NOT_AFTER_EXPIRES", f"{path}/expires", message)
    if info.onset and expires <= info.onset:
        message = f"expires is not after onset ({info.onset.isoformat()}). Write a later expires."
        yield finding("ONSET_NOT_AFTER_EXPIRES", f"{path}/onset", message)


def _texts(info: Info, path: str) -> Iterator[Finding]:
    if len(info.headline) > HEADLINE_MOST:
        message = f"The headline has {len(info.headline)} characters; at most {HEADLINE_MOST} are shown everywhere."
        yield finding("HEADLINE_TOO_LONG", f"{path}/headline", f"{message} Shorten it.")
    if info.headline and info.headline == info.description:
        message = "The description repeats the headline. Say more in the description."
        yield finding("HEADLINE_AND_DESCRIPTION_SHOULD_DIFFER", f"{path}/headline", message)
    if info.instruction and info.instruction == info.description:
        message = "The instruction repeats the description. Say in it what people should do."
        yield finding("DESCRIPTION_AND_INSTRUCTION_SHOULD_DIFFER", f"{path}/description", message)


def _missing(info: Info, path: str) -> Iterator[Finding]:
    if not info.description:
        yield finding(
            "DESCRIPTION_IS_REQUIRED",
            f"{path}/description",
            "The info has no description. Say what happens where and when.",
        )
    if not info.web:
        yield finding("WEB_IS_REQUIRED", f"{path}/web", "The info has no web. Add the address of the warning's page.")
    if info.expires is None:
        yield finding("EXPIRES_IS_REQUIRED", f"{path}/expires", "The info has no expires. Say until when it holds.")
    if not info.headline:
        yield finding(
            "HEADLINE_STRONGLY_RECOMMENDED",
            f"{path}/headline",
            "The info has no headline. Add one line for short media.",
        )
    if not info.sender_name:
        yield finding(
            "SENDER_NAME_STRONGLY_RECOMMENDED",
            f"{path}/senderName",
            "The info has no senderName. Name the issuing unit.",
        )
    if not info.response_types:
        message = "The info has no responseType. Add one, such as Prepare."
        yield finding("RESPONSE_TYPE_STRONGLY_RECOMMENDED", f"{path}/responseType", message)
    if not info.instruction:
        yield finding(
            "INSTRUCTION_STRONGLY_RECOMMENDED",
            f"{path}/instruction",
            "The info has no instruction. Say what people should do.",
        )


def _vague(info: Info, path: str) -> Iterator[Finding]:
    if info.urgency == _UNKNOWN:
        yield _unknown("UNKNOWN_URGENCY_DISCOURAGED", f"{path}/urgency")
    if info.severity == _UNKNOWN:
        yield _unknown("UNKNOWN_SEVERITY_DISCOURAGED", f"{path}/severity")
    if info.certainty == _UNKNOWN:
        yield _unknown("UNKNOWN_CERTAINTY_DISCOURAGED", f"{path}/certainty")


def _unknown(code: str, path: str) -> Finding:
    return finding(code, path, "Unknown decides nothing for those who filter on it. Write what is known.")


def _shapes(info: Info, path: str) -> Iterator[Finding]:
    for nth, area in enumerate(info.areas, 1):
        yield from _area(area, f"{path}/area[{nth}]")
    if info.areas and not any(area.polygons or area.circles for area in info.areas):
        message = "The areas have codes or words only. Add polygons or circles for phones and maps."
        yield finding("CIRCLE_POLYGON_ENCOURAGED", f"{path}/area[1]", message)


def _area(area: AlertArea, path: str) -> Iterator[Finding]:
    if not (area.polygons or area.circles or area.geocodes):
        message = "The area is in words only. Add a geocode, a polygon or a circle."
        yield finding("CIRCLE_POLYGON_OR_GEOCODE_IS_REQUIRED", path, message)
    for nth, (_, _, radius) in enumerate(area.circles, 1):
        if radius == 0:
            message = "A circle of radius 0 warns nobody around the point. Write a radius in kilometres."
            yield finding("NONZERO_CIRCLE_RADIUS_RECOMMENDED", f"{path}/circle[{nth}]", message)
    for nth, (name, value) in enumerate(area.geocodes, 1):
        if not name or not value:
            message = "A geocode needs both a valueName and a value."
            yield finding("EMPTY_GEOCODE_FIELD", f"{path}/geocode[{nth}]", message)


def _utc(moment: datetime | None, name: str, path: str) -> Iterator[Finding]:
    if moment is not None and moment.utcoffset() == _ZERO:
        message = f"{name} is in UTC. Use the local offset where people read it, unless that is UTC."
        yield finding(f"{name.upper()}_INCLUDES_UTC_TIMEZONE", f"{path}/{name}", message)


def _agreement(alert: Alert) -> Iterator[Finding]:
    first = alert.infos[0]
    events: dict[str, str] = {}
    for nth, info in enumerate(alert.infos, 1):
        path = f"/alert/info[{nth}]"
        if set(info.categories) != set(first.categories):
            message = "The categories differ from info[1]. One alert speaks of one event."
            yield finding("CATEGORIES_MUST_MATCH", f"{path}/category[1]", message)
        if set(info.event_codes) != set(first.event_codes):
            message = "The event codes differ from info[1]. One alert speaks of one event."
            yield finding("EVENT_CODES_MUST_MATCH", f"{path}/eventCode[1]", message)
        if events.setdefault(info.language.lower(), info.event) != info.event:
            message = f"The event differs from another info in {info.language}. Use one name for one event."
            yield finding("EVENTS_IN_SAME_LANGUAGE_SHOULD_MATCH", f"{path}/event", message)
