"""Where would a sender of another format find what a rule about CAP elements is unhappy with?"""

import re

_STEP = re.compile(r"/(?:alert|info\[\d+\])(?=/|$)")
_JSON = {
    "msgType": "act",
    "sender": "sender",
    "area": "areas",
    "areaDesc": "area_words",
    "geocode": "areas",
    "parameter": "parameters",
    "eventCode": "hazard",
    "severity": "level",
}
_12379 = {
    "/alert/sent": "/alert/sendTime",
    "/alert/restriction": "/alert/secClassification",
}


def in_json(path: str) -> str:
    """`/alert/info[1]/web` as `$.web`."""
    steps = [step for step in _STEP.sub("", path).split("/") if step]
    if not steps:
        return "$"
    names = [re.sub(r"\[\d+\]$", "", step) for step in steps]
    name = names[1] if names[0] == "area" and len(names) > 1 else names[0]
    return f"$.{_JSON.get(name, name)}"


def in_12379(path: str) -> str:
    """`/alert/sent` as `/alert/sendTime`; most elements have the same name."""
    renamed = _12379.get(path, path)
    return re.sub(r"/(?:event|eventCode\[\d+\]/value)$", "/eventType", renamed)
