"""How many people does a party or a tag stand for? Asked of WeCom, and remembered for ten minutes."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from channels.base import Misconfigured, Unavailable
from channels.http import MaybeSent, NotSent
from channels.weixin import Said, Weixin
from publisher.model.delivery import Answer, Sent, Target

_REMEMBERED = 600.0


class People:
    """One application's view of who belongs where. What cannot be asked is None, never a guess."""

    def __init__(self, api: Weixin) -> None:
        self._api = api
        self._known: dict[str, tuple[float, int]] = {}

    async def counted(self, answers: Sequence[tuple[Target, Answer]]) -> list[tuple[Target, Answer]]:
        """`answers`, with the number of people behind each party or tag that was sent to."""
        return list(await asyncio.gather(*(self._counted(target, answer) for target, answer in answers)))

    async def _counted(self, target: Target, answer: Answer) -> tuple[Target, Answer]:
        if not isinstance(answer, Sent) or ":" not in target.address:
            return target, answer
        return target, replace(answer, count=await self.behind(target.address))

    async def behind(self, address: str) -> int | None:
        """People behind `party:2` (departments below it too) or `tag:3`."""
        at, known = self._known.get(address, (0.0, 0))
        if at and time.monotonic() - at < _REMEMBERED:
            return known
        try:
            found = await self._ask(address)
        except (NotSent, MaybeSent, Unavailable, Misconfigured):
            return None
        members = found.fields.get("userlist")
        if found.verdict is not None or not isinstance(members, list):
            return None
        self._known[address] = time.monotonic(), len(members)
        return len(members)

    async def _ask(self, address: str) -> Said:
        kind, _, name = address.partition(":")
        if kind == "party":
            return await self._api.ask("/cgi-bin/user/simplelist", department_id=name, fetch_child="1")
        return await self._api.ask("/cgi-bin/tag/get", tagid=name)
