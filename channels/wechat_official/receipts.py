"""What does WeChat tell us afterwards? Encrypted events of finished template and mass jobs."""

from collections.abc import Callable, Sequence
from time import time

from wechatpy.crypto import WeChatCrypto
from wechatpy.events import MassSendJobFinishEvent, TemplateSendJobFinishEvent
from wechatpy.parser import parse_message

from channels.base import Callback, Reply
from channels.wechat_official.codes import MASS_ENDS
from channels.wechat_official.config import Config
from channels.weixin_door import FORGED, HOSTILE, UNREADABLE, Door
from publisher.model.delivery import Receipt

_THANKS = Reply(200, b"success")
_REASONS = {"failed:user block": "blocked", "failed: system failed": "busy"}


class Events:
    """Reads the calls on the account's server address."""

    def __init__(self, config: Config, clock: Callable[[], float] = time) -> None:
        token = config.token.get_secret_value()
        crypto = WeChatCrypto(token, config.aes_key.get_secret_value(), config.app_id)
        self._door = Door(crypto, token, clock)

    def read(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """The receipts in a call; a GET is WeChat trying our address out."""
        if callback.method == "GET":
            return self._greet(callback), ()
        plain = self._door.open(callback)
        if isinstance(plain, Reply):
            return plain, ()
        try:
            return _THANKS, tuple(_receipts(parse_message(plain)))
        except HOSTILE:
            return UNREADABLE, ()

    def _greet(self, callback: Callback) -> Reply:
        query = self._door.query(callback)
        if not self._door.admits(query, query.get("signature", "")):
            return FORGED
        return Reply(200, query.get("echostr", "").encode())


def _receipts(event: object) -> Sequence[Receipt]:
    match event:
        case TemplateSendJobFinishEvent():
            return (_template(str(event.id), str(event.status)),)
        case MassSendJobFinishEvent():
            return (_mass(event),)
        case _:
            return ()


def _template(ref: str, status: str) -> Receipt:
    if status == "success":
        return Receipt("delivered", ref=ref)
    return Receipt("failed", ref=ref, reason=_REASONS.get(status, "undeliverable"), detail=status)


def _mass(event: MassSendJobFinishEvent) -> Receipt:
    detail = (
        f"{event.status}: total {event.total_count}, filtered {event.filter_count}, "
        f"sent {event.sent_count}, errors {event.error_count}"
    )
    status = str(event.status).replace(" ", "")
    if status == "sendsuccess":
        return Receipt("delivered", ref=str(event.id), detail=detail, count=int(event.sent_count))
    return Receipt(
        "failed", ref=str(event.id), reason=MASS_ENDS.get(status, "refused_by_review"), detail=detail, count=0
    )
