"""What does a warning look like in WeCom: a text, or a card that opens the warning's page?"""

import json
from collections.abc import Mapping

from channels.base import Composed, Fields
from channels.sample import longest, marked, room
from channels.wecom.config import Config

_LIMITS = {
    "text": {"content": 2048},
    "markdown": {"content": 2048},
    "textcard": {"title": 128, "description": 512},
    "button": {"title": 108, "sub_title_text": 480},
}
"""Most bytes, in UTF-8, of each part (path 90236). Of a button card more would be cut on the telephone."""


def compose(fields: Fields, config: Config) -> Composed:
    """The words `title` and `body`; both are needed for a card, `body` for a text."""
    title, body = fields.words.get("title", ""), fields.words.get("body", "")
    content: dict[str, str]
    match config.shape:
        case "textcard":
            content = {"title": title, "description": body, "url": fields.url}
        case "button":
            content = {"title": title, "sub_title_text": body}
        case "text" | "markdown":
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
    message = (
        _card(content, fields, config) if config.shape == "button" else {"msgtype": config.shape, config.shape: content}
    )
    raw = json.dumps(message, ensure_ascii=False).encode()
    return Composed("application/json", raw, facts, tuple(over), too_long)


def _card(content: Mapping[str, str], fields: Fields, config: Config) -> dict[str, object]:
    """A card with one button. Its task and key are added for each call: they say who pressed it (path 90236)."""
    card: dict[str, object] = {
        "card_type": "button_interaction",
        "main_title": {"title": content["title"]},
        "sub_title_text": content["sub_title_text"],
        "button_list": [{"text": config.button, "style": 1}],
    }
    if fields.url:
        card["card_action"] = {"type": 1, "url": fields.url}
    return {"msgtype": "template_card", "template_card": card}


def addressed(shape: Mapping[str, object], task: str, delivery: str) -> dict[str, object]:
    """`shape` as it goes to one call's targets: a button card learns its task, and whose delivery its button means."""
    card = shape.get("template_card")
    if not isinstance(card, dict):
        return dict(shape)
    buttons = [{**one, "key": f"ack:{delivery}"} for one in card["button_list"]]
    return {**shape, "template_card": {**card, "task_id": task, "button_list": buttons}}


def _bytes(text: str) -> int:
    return len(text.encode())
