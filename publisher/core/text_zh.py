"""Which part of a warning text says what? The title names what is warned of, the forecast where; the rest is advice.

Chinese texts are built 发布单位 + 时间 + 发布|更新|解除 + 灾种颜色预警[级]：预计… + 防御指南 + (来源), as seen in the weather
services' texts of 2020 to 2026. Of a text in another language the first sentence is the title and all of it the forecast.
"""

import re
from dataclasses import dataclass

TIME = re.compile(
    r"(?:(?P<year>\d{4})[年/-])?(?:(?P<month>\d{1,2})[月/-])?(?:今天)?[(（]?(?:(?P<day>\d{1,2})(?:日[)）]?\s*|[T\s]\s*))?"
    r"(?P<half>凌晨|早晨|早上|清晨|上午|中午|下午|傍晚|晚上|晚间|夜里|夜间)?(?P<hour>\d{1,2})[时:：](?:(?P<minute>\d{1,2})分?)?(?:[:：]?(?P<second>\d{1,2})秒?)?"
)
ACTS = re.compile(r"继续发布|联合发布|发布|更新|变更|调整|升级|降级|上调|下调|解除|撤回|撤销|取消")
CHANGE = re.compile(r"(?:更新|变更|调整|升级|降级|上调|下调)[^，。；;,：]{0,24}?(?:为|成|至|到)")
"""“更新A为B”, “A更新为B” and “A下调至B”: what follows is B."""

EXCEPT = re.compile(r"(?<![解消清扫])除了?(?!雪|冰|霜|尘)[^，。；;]{2,80}?(?:以外|之外|外)(?:的)?")
"""“除南汇新城镇、书院镇外”: where it does not hold."""

_LABEL = re.compile(r"^\s*(?:【([^】]*)】|[(（\[［]([^)）\]］]*)[)）\]］])")
_LOOSE = re.compile(
    r"(?<=[\u4e00-\u9fff])[ \t\u3000]+(?=[\u4e00-\u9fff\d\[［(（：:，。])|(?<=\d)[ \t\u3000]+(?=[\u4e00-\u9fff])"
)
"""Blanks that a copy out of a printed page leaves between characters: 2026 年 07 月 21 日."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_COLON = re.compile(r"[：:](?!\d)|(?<!\d)[：:]")
_FULL_STOP = re.compile(r"[。！!\n]|\.(?=\s|$)")
_COMMA = re.compile(r"[，,]")
_SENTENCE = re.compile(r"[^。！；\n]+")
_ADVICE = re.compile(r"防御指南|防御措施")
_FORETELLS = re.compile(r"预计|将|可能")
_BEGINS = re.compile(r"预计")
_HARM = re.compile(
    r"请(?:注意|加强|特别|各|市民|有关|密切)|注意防范|致灾风险|可能(?:引发|会?造成|会?对|导致)|预警(?:信号)?(?:更新|变更)为"
)
_TITLE_LIMIT = 120


@dataclass(frozen=True, slots=True)
class Parts:
    """A text taken apart; what is not there is empty. `subject` is the title after its act: "暴雨橙色预警[Ⅱ级/严重]".

    `label` is what stands in brackets before it all, `whose` the title between time and act: "将张江镇暴雨红色预警信号".
    `told` is the body without the advice that ends it, `forecast` its sentences that foretell, each up to the harm it
    speaks of: where places are looked for.
    """

    issuer: str = ""
    time: re.Match[str] | None = None
    act: str = ""
    title: str = ""
    subject: str = ""
    label: str = ""
    whose: str = ""
    told: str = ""
    forecast: str = ""


def is_chinese(text: str) -> bool:
    """Whether Chinese characters stand in it."""
    return _CHINESE.search(text) is not None


def take_apart(text: str) -> Parts:
    """The parts of a warning text. Total: any text has parts, most of them empty in a text of another shape."""
    text = _LOOSE.sub("", text.strip())
    title, body = _split(text)
    if not is_chinese(text):
        return Parts(title=title, subject=title, told=body, forecast=text)
    label = _LABEL.match(title)
    plain = title[label.end() :] if label else title
    act = ACTS.search(plain)
    told = _ADVICE.split(body if act else text, maxsplit=1)[0]
    before = plain[: act.start()] if act else ""
    time = TIME.search(before)
    issuer = before[: time.start()] if time else before
    return Parts(
        issuer=issuer.strip(" \t\u3000()（）,，、").removesuffix("自").removesuffix("于"),
        time=time,
        act=act[0] if act else "",
        title=title,
        subject=plain[act.end() :] if act else plain,
        label=next(filter(None, label.groups()), "") if label else "",
        whose=before[time.end() :] if time else "",
        told=told,
        forecast=_forecast(told),
    )


def _split(text: str) -> tuple[str, str]:
    """Title and body: at the colon of the first sentence, else at its end."""
    stop = _FULL_STOP.search(text)
    sentence = text[: stop.start()] if stop else text
    colon = _COLON.search(sentence)
    if colon and colon.start() <= _TITLE_LIMIT:
        return text[: colon.start()], text[colon.end() :]
    comma = _COMMA.search(sentence) if len(sentence) > 40 and is_chinese(sentence) else None
    end = comma.start() if comma else len(sentence)
    return text[:end], text[end + 1 :]


def _forecast(told: str) -> str:
    """The sentences that foretell, each from its 预计 to the harm it speaks of."""
    sentences: list[str] = _SENTENCE.findall(told)
    telling = [one for one in sentences if _FORETELLS.search(one)] or sentences
    return "。".join(_told(one) for one in telling)


def _told(sentence: str) -> str:
    begins = _BEGINS.search(sentence)
    rest = sentence[begins.end() :] if begins else sentence
    harm = _HARM.search(rest)
    return rest[: harm.start()] if harm else rest


def changed_to(text: str) -> str:
    """What stands after “更新…为”, where the newer thing is named; empty when nothing is changed there."""
    ends = [one.end() for one in CHANGE.finditer(text)]
    return text[ends[-1] :] if ends else ""
