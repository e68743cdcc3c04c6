"""Does an encrypted callback get in only once, fresh, and signed, whatever else is thrown at the door?"""

import base64
import os
import time
from hashlib import sha1
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as WecomCrypto

from channels.base import Callback, Hears, Reply, Setup
from channels.registry import kind
from channels.weixin_door import Door
from publisher.model.delivery import Receipt
from publisher.model.words import World

TOKEN, KEY = "server-token", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
HOOK = "https://hub.example/hooks/x"
FINISHED = (
    "<xml><MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgID>7</MsgID><Status>success</Status></xml>"
)
CONFIGS: dict[str, dict[str, object]] = {
    "wechat_official": {"app_id": "ww1", "app_secret": "s", "template_id": "t", "token": TOKEN, "aes_key": KEY},
    "wecom": {"corp_id": "ww1", "secret": "s", "agent_id": 1, "token": TOKEN, "aes_key": KEY},
}


def hears(name: str = "wechat_official") -> Hears:
    channel = kind(name).build(Setup("x", World.SANDBOX, CONFIGS[name], HOOK))
    assert isinstance(channel, Hears)
    return channel


def digest(*parts: str) -> str:
    return sha1("".join(sorted((TOKEN, *parts))).encode()).hexdigest()


def call(plain: str, at: float | None = None, nonce: str = "n1", receiver: str = "ww1", key: str = KEY) -> Callback:
    """A callback as Tencent makes it."""
    stamp = str(int(time.time() if at is None else at))
    sealed = WeChatCrypto(TOKEN, key, receiver).encrypt_message(plain, nonce, stamp)
    inner = sealed.partition("<![CDATA[")[2].partition("]]>")[0]
    return signed(inner, stamp, nonce)


def signed(inner: str, stamp: str, nonce: str = "n1") -> Callback:
    query = urlencode({"msg_signature": digest(stamp, nonce, inner), "timestamp": stamp, "nonce": nonce})
    body = f"<xml><ToUserName>g</ToUserName><Encrypt>{escape(inner)}</Encrypt></xml>"
    return Callback("POST", f"{HOOK}?{query}", {}, body.encode())


def test_a_right_call_is_read() -> None:
    reply, receipts = hears().hear(call(FINISHED))
    assert (reply, receipts) == (Reply(200, b"success"), (Receipt("delivered", ref="7"),))


def test_the_same_call_again_is_turned_away() -> None:
    channel, once = hears(), call(FINISHED)
    assert channel.hear(once)[0].status == 200
    assert channel.hear(once) == (Reply(403, b"signature"), ())


@pytest.mark.parametrize("off", [-301, 302, -100_000])
def test_a_stale_or_early_call_is_turned_away(off: int) -> None:
    assert hears().hear(call(FINISHED, at=time.time() + off))[0].status == 403


@pytest.mark.parametrize("off", [-290, 290])
def test_a_few_minutes_are_forgiven(off: int) -> None:
    assert hears().hear(call(FINISHED, at=time.time() + off))[0].status == 200


def test_a_body_swapped_under_a_good_signature_is_turned_away() -> None:
    good, other = call(FINISHED), call(FINISHED.replace("7", "8"))
    assert hears().hear(Callback("POST", good.url, {}, other.body))[0].status == 403


def test_another_accounts_or_keys_message_is_turned_away() -> None:
    assert hears().hear(call(FINISHED, receiver="somebody"))[0].status == 403
    assert hears().hear(call(FINISHED, key="z" * 43))[0].status == 403


@pytest.mark.parametrize(
    "inner",
    ["", "not base64!", "AAAA", base64.b64encode(b"\0" * 32).decode(), base64.b64encode(os.urandom(64)).decode(), "é☃"],
    ids=["nothing", "not base64", "one block short", "noughts", "noise", "no letters of base64"],
)
def test_hostile_ciphertext_with_a_good_signature_is_turned_away(inner: str) -> None:
    assert hears().hear(signed(inner, str(int(time.time()))))[0].status in (400, 403)


@given(st.binary(max_size=96))
def test_no_ciphertext_makes_it_raise(raw: bytes) -> None:
    reply, receipts = hears().hear(signed(base64.b64encode(raw).decode(), str(int(time.time()))))
    assert (reply.status in (400, 403), receipts) == (True, ())


@pytest.mark.parametrize("name", sorted(CONFIGS))
@pytest.mark.parametrize(
    "plain",
    [
        "x",
        "<xml/>",
        "<a><MsgType>event</MsgType></a>",
        "<xml><MsgType/></xml>",
        "<xml><MsgType>event</MsgType></xml>",
        "<xml><MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgID>abc</MsgID></xml>",
        "<xml><MsgType>event</MsgType><Event>MASSSENDJOBFINISH</Event><MsgID>1</MsgID><SentCount>x</SentCount></xml>",
        "<xml><MsgType>event</MsgType><MsgType>event</MsgType></xml>",
        '<!DOCTYPE x [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>',
        "<xml>" * 2000,
    ],
)
def test_a_hostile_message_inside_a_right_envelope_never_raises(name: str, plain: str) -> None:
    reply, receipts = hears(name).hear(call(plain))
    assert reply.status in (200, 400)
    assert receipts == ()


def test_an_event_of_no_interest_is_thanked() -> None:
    assert hears().hear(call("<xml><MsgType>event</MsgType><Event>PUBLISHJOBFINISH</Event></xml>")) == (
        Reply(200, b"success"),
        (),
    )


def test_a_document_type_is_refused_before_it_is_parsed() -> None:
    body = b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>'
    assert hears().hear(Callback("POST", HOOK, {}, body))[0].status == 400


def test_wechat_trying_our_address_out_is_greeted_back() -> None:
    stamp = str(int(time.time()))
    query = {"signature": digest(stamp, "n"), "timestamp": stamp, "nonce": "n", "echostr": "12345"}
    good = Callback("GET", f"{HOOK}?{urlencode(query)}", {}, b"")
    bad = Callback("GET", f"{HOOK}?{urlencode({**query, 'signature': digest('1', 'n')})}", {}, b"")
    assert hears().hear(good) == (Reply(200, b"12345"), ())
    assert hears().hear(bad)[0].status == 403


def test_wecom_trying_our_address_out_gets_the_word_it_sealed() -> None:
    stamp = str(int(time.time()))
    sealed = WecomCrypto(TOKEN, KEY, "ww1").encrypt_message("12345", "n", stamp)
    echo = sealed.partition("<![CDATA[")[2].partition("]]>")[0]
    query = {"msg_signature": digest(stamp, "n", echo), "timestamp": stamp, "nonce": "n", "echostr": echo}
    good = Callback("GET", f"{HOOK}?{urlencode(query)}", {}, b"")
    assert hears("wecom").hear(good) == (Reply(200, b"12345"), ())
    junk = {**query, "echostr": "AAAA", "msg_signature": digest(stamp, "n", "AAAA")}
    assert hears("wecom").hear(Callback("GET", f"{HOOK}?{urlencode(junk)}", {}, b""))[0].status == 403


def test_what_was_seen_is_forgotten_when_it_would_be_stale_anyway() -> None:
    now = [1_000_000.0]
    door = Door(WeChatCrypto(TOKEN, KEY, "ww1"), TOKEN, lambda: now[0])
    for number in range(50):
        stamp = str(int(now[0]))
        assert door.admits({"timestamp": stamp, "nonce": "n"}, digest(stamp, "n"))
        assert not door.admits({"timestamp": stamp, "nonce": "n"}, digest(stamp, "n"))
        now[0] += 100
        assert len(door._seen) <= 8, number
