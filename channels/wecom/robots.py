"""How does a group's robot speak? One POST with the robot's own key, 20 a minute; it answers nobody (path 91770)."""

import json
from collections.abc import Mapping
from urllib.parse import quote

from pydantic import SecretStr

from channels.http import Http, by_status
from channels.wecom.codes import CODES, ROBOT_RATE
from publisher.model.delivery import Answer, Refused, Sent, Target, Unknown

PREFIX = "robot:"


class Robots:
    """The robots of the groups that the operator named; an address is `robot:` and a name."""

    def __init__(self, http: Http, keys: Mapping[str, SecretStr]) -> None:
        self._http, self._keys = http, keys

    async def say(self, shape: Mapping[str, object], target: Target) -> Answer:
        """The text in one group. Raises NotSent or MaybeSent."""
        key = self._keys.get(target.address.removeprefix(PREFIX))
        if key is None:
            return Refused("invalid_address", f"no robot of that name; there are: {', '.join(self._keys) or 'none'}")
        path = f"/cgi-bin/webhook/send?key={quote(key.get_secret_value(), safe='')}"
        body = json.dumps(_plain(shape), ensure_ascii=False).encode()
        got = await self._http.post(path, headers={"Content-Type": "application/json"}, body=body)
        said, found = self._http.clean(got.text), got.object()
        if got.status != 200:
            return by_status(got.status).answer(said, got.after)
        code = found.get("errcode") if found is not None else None
        if code == 0:
            return Sent("")
        if not isinstance(code, int):
            return Unknown("unreadable", said)
        return (ROBOT_RATE.get(code) or CODES.get(code) or by_status(400)).answer(said)


def _plain(shape: Mapping[str, object]) -> Mapping[str, object]:
    """A robot knows text and markdown; a card's words go as text, with its page."""
    if shape["msgtype"] in ("text", "markdown"):
        return shape
    card = shape[str(shape["msgtype"])]
    words = _words(card if isinstance(card, dict) else {})
    return {"msgtype": "text", "text": {"content": "\n".join(filter(None, words))}}


def _words(card: Mapping[str, object]) -> list[str]:
    title, action = card.get("main_title"), card.get("card_action")
    said = [str(card.get("title", "")), str(card.get("description", "")), str(card.get("url", ""))]
    said += [str(title.get("title", ""))] if isinstance(title, dict) else []
    said += [str(card.get("sub_title_text", ""))]
    return said + ([str(action.get("url", ""))] if isinstance(action, dict) else [])
