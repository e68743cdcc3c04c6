"""What does a pasted warning text say? One text as an alert: who, when, which act, hazard, level and places.

For text that arrives without fields around it: a telephone note, a pasted bulletin, a line of an archive. The description
stays the text as it came.
"""

import hashlib
import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from publisher.core import places, recognise
from publisher.core.recognise import Message
from publisher.core.text_zh import Parts, take_apart
from publisher.core.vocabulary import fold
from publisher.model.alert import Alert, AlertArea, Info, Pairs, Reading
from publisher.model.finding import Finding
from publisher.model.pack import Pack, said
from publisher.model.words import Act, HazardCode

_TWELVE_ON = {
    "中午": range(1, 4),
    **dict.fromkeys(("下午", "傍晚"), range(1, 12)),
    **dict.fromkeys(("晚上", "晚间", "夜里", "夜间"), range(5, 12)),
}
"""Hours that stand twelve later on the clock: 下午4时, 夜里11时; 中午11时 and 夜里2时 stand as they are."""
_MESSAGES = {Act.ISSUE: "Alert", Act.UPDATE: "Update", Act.LIFT: "Cancel", Act.RETRACT: "Cancel"}
_NOTHING = Info("", (), "", (), "Unknown", "Unknown", "Unknown")
_BRACKET = re.compile(r"[\[［【].*$")
_NOT_ACTUAL = re.compile(r"演练|演习|测试")


def read_text(text: str, pack: Pack, now: datetime) -> Reading:
    """Read a text of the shape of `publisher.core.text_zh`; what it does not say is empty, a missing time is `now`.

    Total: any text gives a reading with an alert. Times without zone are in the pack's; a year or day that is not
    written is the last one before `now`, give or take a day. Findings: `TEXT_WITHOUT_TIME`, `TEXT_WITHOUT_ISSUER`.
    """
    plain = text.strip()
    parts = take_apart(plain)
    digest = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
    sent = _sent(parts, now, pack)
    bare = Alert(f"text-{digest[:16]}", parts.issuer, sent or now, _status(parts), "Alert", "Public")
    of = Message.of(bare, replace(_NOTHING, event=parts.title, description=plain), pack)
    found = recognise.act(of)
    act = Act(found.value) if found else Act.ISSUE
    info = replace(
        _NOTHING,
        language=pack.language,
        event=_event(parts, of),
        sender_name=parts.issuer,
        headline=_headline(parts),
        description=plain,
        parameters=(("act", act.value), *_level(of)),
        areas=_areas(parts, pack),
    )
    alert = replace(bare, msg_type=_MESSAGES[act], infos=(info,))
    return Reading("unknown", alert, tuple(_missing(parts, sent)), digest)


def _level(of: Message) -> Pairs:
    found = recognise.level(of)
    return (("level", found.value),) if found is not None and found.sure else ()


def _event(parts: Parts, of: Message) -> str:
    """The hazard's words in the title, else the name of the hazard the text speaks of, else the title."""
    hits = of.words.hazards.find(fold(parts.subject))
    found = None if hits else recognise.hazard(of)
    if found is not None:
        return said(of.pack.hazards[HazardCode(found.value)].name, of.pack.language)
    return max((one.word for one in hits), key=len, default=parts.subject.strip())


def _headline(parts: Parts) -> str:
    """The title without time and bracket: 浦东新区气象台发布暴雨橙色预警."""
    subject = _BRACKET.sub("", parts.subject).strip()
    return f"{parts.issuer}{parts.act}{subject}" if parts.act else subject


def _status(parts: Parts) -> str:
    """CAP's status by what stands in front of the text, or begins its title: 【演练】, （测试）."""
    marked = _NOT_ACTUAL.search(parts.label) or _NOT_ACTUAL.match(parts.title)
    return "Actual" if marked is None else "Test" if marked[0] == "测试" else "Exercise"


def _areas(parts: Parts, pack: Pack) -> tuple[AlertArea, ...]:
    """The places the title and the forecast name, in their own words, left to classification to judge."""
    titled = places.narrower_in_text(parts.whose + parts.subject, pack) if parts.act else ()
    told = places.words_in_text(parts.forecast or parts.subject, pack)
    words = dict.fromkeys((*titled, *told))
    return (AlertArea("、".join(words)),) if words else ()


def _sent(parts: Parts, now: datetime, pack: Pack) -> datetime | None:
    """The time in the title; of those that fit what is written the last that is not in the future by a day."""
    if parts.time is None:
        return None
    local = now.astimezone(ZoneInfo(pack.about.time_zone))
    half = parts.time["half"] or ""
    written = {name: int(value) for name, value in parts.time.groupdict().items() if value and name != "half"}
    written["hour"] += 12 * (written["hour"] in _TWELVE_ON.get(half, ()))
    fitting = [at for day in _days(local, written) if (at := _at(day, written)) is not None]
    past = [at for at in fitting if at - local <= timedelta(days=1)]
    return min(past or fitting, key=lambda at: abs(at - local), default=None)


def _days(local: datetime, said: dict[str, int]) -> list[datetime]:
    """Days around now from which the parts that are not written are taken."""
    first = local.replace(day=1)
    if "month" in said:
        return [first.replace(year=local.year + step) for step in range(-4, 2)]
    if "day" in said:
        return [first - timedelta(days=1), first, first + timedelta(days=31)]
    return [local - timedelta(days=1), local, local + timedelta(days=1)]


def _at(day: datetime, said: dict[str, int]) -> datetime | None:
    """The moment as written on one of the days; 24时 is the midnight that ends it."""
    ends = said["hour"] == 24
    clock = {"minute": 0, "second": 0, **said, "hour": 0 if ends else said["hour"]}
    try:
        at = day.replace(day=1) if "day" in said else day
        return at.replace(microsecond=0, **clock) + timedelta(days=ends)  # type: ignore[arg-type]
    except ValueError:
        return None


def _missing(parts: Parts, sent: datetime | None) -> list[Finding]:
    found: list[Finding] = []
    if sent is None:
        says = "no time of issue is in the title; now was taken. Write one such as 2026年07月21日16时18分."
        found.append(Finding("TEXT_WITHOUT_TIME", "semantic", False, "$.sent", says))
    if not parts.issuer:
        says = "nobody is named in front of 发布, 更新 or 解除. Write who issues it."
        found.append(Finding("TEXT_WITHOUT_ISSUER", "semantic", False, "$.sender", says))
    return found
