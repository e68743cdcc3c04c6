"""Who answered in WeCom? A button that carries our delivery id, or a plain "1" (收到)."""

from collections.abc import Callable, Sequence
from time import time

from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.enterprise.messages import TextMessage
from wechatpy.enterprise.parser import parse_message

from channels.base import Callback, Reply
from channels.wecom.config import Config
from channels.weixin_door import FORGED, HOSTILE, UNREADABLE, Door
from publisher.model.delivery import Receipt

_BUTTON = "ack:"
_YES = frozenset({"1", "收到", "ok", "OK"})


class Events:
    """Reads the calls on the application's message address."""

    def __init__(self, config: Config, clock: Callable[[], float] = time) -> None:
        token = config.token.get_secret_value()
        self._crypto = WeChatCrypto(token, config.aes_key.get_secret_value(), config.corp_id)
        self._door = Door(self._crypto, token, clock)

    def read(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """The acknowledgement in a call, if it is one; a GET is WeCom trying our address out."""
        if callback.method == "GET":
            return self._greet(callback), ()
        plain = self._door.open(callback)
        if isinstance(plain, Reply):
            return plain, ()
        try:
            return Reply(), tuple(_acknowledged(parse_message(plain)))
        except HOSTILE:
            return UNREADABLE, ()

    def _greet(self, callback: Callback) -> Reply:
        query = self._door.query(callback)
        signature, sealed = query.get("msg_signature", ""), query.get("echostr", "")
        if not self._door.admits(query, signature, sealed):
            return FORGED
        try:
            plain: str = self._crypto.check_signature(signature, query["timestamp"], query["nonce"], sealed)
        except HOSTILE:
            return FORGED
        return Reply(200, plain.encode())


def _acknowledged(message: object) -> Sequence[Receipt]:
    if isinstance(message, TextMessage):
        said = str(message.content).strip()
        if said in _YES:
            return (Receipt("acknowledged", address=str(message.source), detail=said),)
        return ()
    fields = getattr(message, "_data", {})
    key = str(fields.get("EventKey") or "")
    if not key.startswith(_BUTTON):
        return ()
    delivery, who = key.removeprefix(_BUTTON), str(fields.get("FromUserName"))
    if not delivery:
        return (Receipt("acknowledged", address=who, detail="button"),)
    return (Receipt("acknowledged", delivery=delivery, detail=who),)
