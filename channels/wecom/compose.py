"""What does a warning look like in WeCom: a text, or a card that opens the warning's page?"""

import json

from channels.base import Composed, Fields
from channels.sample import longest, marked, room
from channels.wecom.config import Config

_LIMITS = {"text": {"content": 2048}, "textcard": {"title": 128, "description": 512}}
"""Most bytes, in UTF-8, of each part (path 90236)."""


def compose(fields: Fields, config: Config) -> Composed:
    """The words `title` and `body`; both are needed for a card, `body` for a text."""
    title, body = fields.words.get("title", ""), fields.words.get("body", "")
    content: dict[str, str]
    if config.shape == "textcard":
        content = {"title": title, "description": body, "url": fields.url}
    else:
        content = {"content": f"{title}\n{body}" if title else body}
    facts, over, too_long = dict[str, str](), list[str](), dict[str, str]()
    for part, most in _LIMITS[config.shape].items():
        worst = longest(content[part], _bytes)
        size = _bytes(worst)
        facts[part] = f"{size}/{most} bytes"
        if size > most:
            over.append(f"{part}: {size} of {most} bytes")
            too_long[part] = marked(worst, room(worst, most, _bytes))
    over += [f"{part}: empty" for part, said in content.items() if not said.strip()]
    message = {"msgtype": config.shape, config.shape: content}
    raw = json.dumps(message, ensure_ascii=False).encode()
    return Composed("application/json", raw, facts, tuple(over), too_long)


def _bytes(text: str) -> int:
    return len(text.encode())
