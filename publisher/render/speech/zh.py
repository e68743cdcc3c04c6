"""How is a Chinese script read out? Every figure becomes the words a news reader would say; nothing else is touched.

The rules stand in order: what is more particular (a telephone number, a date) is taken before what is more general.
"""

import re
from collections.abc import Callable, Sequence

from publisher.render.speech.numbers_zh import cardinal, number, one_by_one

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MINUS = r"[-−－]"
_TO = r"\s*(?:--|——|～～|[-−－—–~～〜])\s*"
_ROMAN = {"Ⅰ": "一", "Ⅱ": "二", "Ⅲ": "三", "Ⅳ": "四", "Ⅴ": "五"}

_UNITS: Sequence[tuple[str, str]] = (
    (r"(?:μ|µ|u)g/m(?:³|3)", "微克每立方米"),
    (r"mg/m(?:³|3)", "毫克每立方米"),
    (r"m(?:³|3)/s", "立方米每秒"),
    (r"mm/h", "毫米每小时"),
    (r"km/h", "公里每小时"),
    (r"m/s", "米每秒"),
    (r"km(?:²|2)", "平方公里"),
    (r"m(?:²|2)", "平方米"),
    (r"m(?:³|3)", "立方米"),
    (r"km|㎞", "公里"),
    (r"mm|㎜", "毫米"),
    (r"cm|㎝", "厘米"),
    (r"hPa", "百帕"),
    (r"kg", "公斤"),
    (r"kV", "千伏"),
    (r"kn", "节"),
    (r"min", "分钟"),
    (r"ha", "公顷"),
    (r"m", "米"),
    (r"t", "吨"),
    (r"h", "小时"),
    (r"s", "秒"),
)
_LATIN = [(f"(?<![A-Za-z])(?:{unit})(?![A-Za-z])", said) for unit, said in _UNITS]
_MEASURES = (
    "个小时|小时|个|台|条|家|处|艘|名|位|辆|次|起|套|所|座|户|人|天|周|年内"
    "|米|毫米|厘米|公里|公斤|万|亿|分钟|倍|种|份|层|里|吨|度|点"
)
_SHORT_CODES = "110|119|120|122|12110|12119|12121|12122|12315|12318|12320|12328|12333|12345|12350|12369|12379|12395"
_CALL = r"(?:电话|热线|拨打|致电|报警|求助|咨询|请拨|短号|号码|客服|联系)[^\d，。；+]{0,6}"

_TEL = r"(?:\+\d|\d)[\d -]{1,18}\d(?![\d.]|\s?(?:户|家|名|人(?!工)|余|多|万|元|条|小时|分钟|公里|米))"

Words = Callable[[re.Match[str]], str]


def expanded(text: str) -> str:
    """`text` with every figure, unit and sign written as it is said in Mandarin."""
    for pattern, words in _RULES:
        text = re.sub(pattern, words, text)
    return _tidy(text)


def _digits(found: re.Match[str]) -> str:
    return one_by_one(found[0], telephone=True)


def _telephone(found: re.Match[str]) -> str:
    """Groups stay apart, so that a listener can write them down."""
    said = re.sub(r"\+?\d[\d -]*", lambda one: _groups(one[0]), found["tel"])
    return found[0][: found.start("tel") - found.start()] + said


def _groups(one: str) -> str:
    said = "，".join(one_by_one(group, telephone=True) for group in re.findall(r"\d+", one))
    return ("加" if one.startswith("+") else "") + said


def _date(found: re.Match[str]) -> str:
    year, month, day = found["y"], found["m"], found["d"]
    said = f"{one_by_one(year)}年" if year else ""
    return said + f"{cardinal(month)}月" + (f"{cardinal(day)}日" if day else "")


def _clock(found: re.Match[str]) -> str:
    hour, minute, second = found["h"], found["m"], found["s"]
    if second and int(second):
        return f"{cardinal(hour)}时{_minute(minute) or '零分'}{_two(second)}秒"
    return f"{cardinal(hour)}时" + (_minute(minute) or "整")


def _minute(minute: str) -> str:
    return f"{_two(minute)}分" if int(minute) else ""


def _two(digits: str) -> str:
    return ("零" if int(digits) < 10 else "") + cardinal(digits)


def _hour_minute(found: re.Match[str]) -> str:
    return f"{cardinal(found['h'])}{found['w']}" + (_minute(found["m"]) or "整")


def _temperature(found: re.Match[str]) -> str:
    said = "零下" if found["minus"] else ""
    return f"{said}{number(found['n'])}摄氏度"


def _temperatures(found: re.Match[str]) -> str:
    first = ("零下" if found["a"] else "") + number(found["m"])
    second = ("零下" if found["b"] else "零上" if found["a"] else "") + number(found["n"])
    return f"{first}到{second}摄氏度"


def _percents(found: re.Match[str]) -> str:
    base = "百" if found["p"] in "%％" else "千"
    return f"{base}分之{number(found['m'])}到{base}分之{number(found['n'])}"


def _percent(found: re.Match[str]) -> str:
    base = "百" if found["p"] in "%％" else "千"
    return ("负" if found["minus"] else "") + f"{base}分之{number(found['n'])}"


def _range(found: re.Match[str]) -> str:
    return f"{_counted(found['m'], found['w'])}到{_counted(found['n'], found['w'])}"


def _counted(digits: str, after: str) -> str:
    """Two of something is 两, but 二级 and 二号."""
    return "两" if digits == "2" and re.match(_MEASURES, after) else number(digits)


_RULES: Sequence[tuple[str, Words]] = (
    (r"(?<=[米里克升吨])/(?=秒|小时|时|分|天|日|立方米|平方米|升|千克|公斤)", lambda _: "每"),
    (r"(?<=\d:\d\d)\s*[-–—~～]\s*(?=\d{1,2}:\d\d)", lambda _: "到"),
    (rf"(?<=\d[年月日号时点分级层]){_TO}(?=\d)", lambda _: "到"),
    ("[０-９]", lambda found: chr(ord(found[0]) - 0xFEE0)),
    ("：(?=\\d\\d(?!\\d))(?<=\\d：)", lambda _: ":"),
    ("[ⅠⅡⅢⅣⅤ]", lambda found: _ROMAN[found[0]]),
    (rf"{_CALL}(?P<tel>{_TEL}(?:(?:、|，|,|或|或者|和|及|转){_TEL})*)", _telephone),
    (r"(?P<tel>\+\d{1,3}(?:[ -]?\d{2,5}){2,4})", _telephone),
    (r"(?<!\d)(?P<tel>0\d{2,3}-\d{7,8}|[48]00-?\d{3,4}-?\d{3,4}|1[3-9]\d{9})(?!\d)", _telephone),
    (rf"(?:{_CALL})?(?<![\d.])(?P<tel>{_SHORT_CODES})(?=热线|报警|电话|平台|急救)(?![\d.])", _telephone),
    (r"(?<![A-Za-z])PM(?=\d)", lambda _: "PM"),
    (
        r"(?<![A-Za-z\d])(?P<a>[A-Z])(?P<n>\d{1,4})(?!\d|\.\d)",
        lambda found: found["a"] + one_by_one(found["n"], telephone=True),
    ),
    (r"(?<!\d)\d{4}(?=[-—–~～至到]\d{4}年)", lambda found: one_by_one(found[0])),
    (r"(?<=[零一二三四五六七八九])[-—–~～](?=\d{4}年)", lambda _: "到"),
    (r"(?<!\d)(?P<y>\d{4})年(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})[日号])?", _date),
    (r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>0?[1-9]|1[0-2])[-/.](?P<d>[0-3]?\d)(?!\d)", _date),
    (r"(?<!\d)(?P<y>)(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]", _date),
    (r"(?<!\d)(?P<y>\d{4})(?=年(?!内))", lambda found: one_by_one(found[0])),
    (r"(?<!\d)(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?![\d:])", _clock),
    (r"(?<!\d)(?P<h>\d{1,2})(?P<w>[时点])(?P<m>\d{1,2})分", _hour_minute),
    (
        rf"(?P<a>{_MINUS})?(?P<m>{_NUMBER})\s*(?:℃|°C|摄氏度)?{_TO}(?P<b>{_MINUS})?(?P<n>{_NUMBER})\s*(?:℃|°C|摄氏度)",
        _temperatures,
    ),
    (rf"(?:(?<![\d.])(?P<minus>{_MINUS}))?(?P<n>{_NUMBER})\s*(?:℃|°C|摄氏度)", _temperature),
    (r"(?<=\d)\s*[°º]", lambda _: "度"),
    (r"(?<=\d)\s*[′'](?!\d)", lambda _: "分"),
    (rf"(?P<m>{_NUMBER})[%％‰]?{_TO}(?P<n>{_NUMBER})(?P<p>[%％‰])", _percents),
    (rf"(?:(?<![\d.])(?P<minus>{_MINUS}))?(?P<n>{_NUMBER})(?P<p>[%％‰])", _percent),
    (
        r"(?<![\d/])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/])",
        lambda found: f"{cardinal(found['b'])}分之{cardinal(found['a'])}",
    ),
    *((rf"(?<=\d)\s*(?:{pattern})", (lambda _, said=said: said)) for pattern, said in _LATIN),
    (r"(?<=\d)\s*x\s*(?=\d)", lambda _: "乘"),
    (rf"(?P<m>{_NUMBER}){_TO}(?P<n>{_NUMBER})(?=(?P<w>[^\d]{{0,3}}))", _range),
    (rf"(?<=[一-鿿（，。、：\s])(?:{_MINUS})(?=\d)", lambda _: "负"),
    ("±", lambda _: "正负"),
    ("≥", lambda _: "大于等于"),
    ("≤", lambda _: "小于等于"),
    (r"[>＞](?=\s*\d)", lambda _: "大于"),
    (r"[<＜](?=\s*\d)", lambda _: "小于"),
    (r"第(?P<n>\d+)", lambda found: f"第{cardinal(found['n'])}"),
    (rf"(?P<n>{_NUMBER})(?=(?P<w>[^\d]{{0,3}}))", lambda found: _counted(found["n"], found["w"])),
)


def _tidy(text: str) -> str:
    """Brackets and strokes become pauses; what is left between words says nothing."""
    text = re.sub(r"\s*[\[［【(（]\s*", "，", text)
    text = re.sub(r"\s*[\]］】)）]\s*", "，", text)
    text = re.sub(r"(?<=[一-鿿])/(?=[一-鿿])", "，", text)
    text = re.sub(r"^，+|(?<=[\n。！？；：])，+", "", text)
    return re.sub(r"，*([，。！？；：])，*", lambda found: found[1], text)
