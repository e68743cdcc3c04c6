"""How is a number said in Mandarin? Cardinals, decimals, and digits one by one."""

DIGITS = "零一二三四五六七八九"
_SMALL = ("", "十", "百", "千")
_LARGE = ("", "万", "亿", "兆")
_THOUSANDS = 3
LONGEST = 16
"""Digits beyond which a number is said digit by digit."""


def cardinal(digits: str) -> str:
    """`20300` as 二万零三百; leading zeros count for nothing. Longer than LONGEST digits: one by one."""
    digits = digits.lstrip("0") or "0"
    if digits == "0":
        return DIGITS[0]
    if len(digits) > LONGEST:
        return one_by_one(digits)
    said, gap = "", False
    for place in range((len(digits) - 1) // 4, -1, -1):
        end = len(digits) - 4 * place
        group = digits[max(0, end - 4) : end]
        if not int(group):
            gap = bool(said)
            continue
        if said and (gap or int(group) < 1000):
            said += DIGITS[0]
        said += (
            "两" + _LARGE[place]
            if place and int(group) == 2 and not said
            else _group(group.lstrip("0")) + _LARGE[place]
        )
        gap = False
    return said.removeprefix("一") if said.startswith("一十") else said


def _group(digits: str) -> str:
    """Up to four digits, the first not 0."""
    said, gap = "", False
    for number, digit in enumerate(digits):
        if digit == "0":
            gap = True
            continue
        place = len(digits) - number - 1
        said += (DIGITS[0] if gap else "") + ("两" if digit == "2" and place == _THOUSANDS else DIGITS[int(digit)])
        said += _SMALL[place]
        gap = False
    return said


def number(text: str) -> str:
    """`1,250.5` as 一千二百五十点五."""
    whole, point, rest = text.replace(",", "").replace("，", "").partition(".")
    return cardinal(whole) + (f"点{one_by_one(rest)}" if point and rest else "")


def one_by_one(digits: str, *, telephone: bool = False) -> str:
    """`2026` as 二零二六; on the telephone and on roads a one is 幺."""
    return "".join("幺" if telephone and one == "1" else DIGITS[int(one)] for one in digits if one.isdecimal())
