"""Does an independent implementation of Tencent's envelopes open ours, and do we open its?"""

import time
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import pytest
import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as WecomCrypto

from channels.base import Callback, Hears, Reply, Setup
from channels.registry import kind
from publisher.model.delivery import Receipt
from publisher.model.words import World
from tests.kit.programs import module, node

pytestmark = pytest.mark.peer

TOKEN, KEY, HOOK = "server-token", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "https://hub.example/hooks/x"
ACCOUNT = {"token": TOKEN, "aes_key": KEY, "base_url": "https://api.example"}
CONFIGS: dict[str, dict[str, object]] = {
    "wechat_official": {**ACCOUNT, "app_id": "ww1", "app_secret": "s", "template_id": "t"},
    "wecom": {**ACCOUNT, "corp_id": "ww1", "secret": "s", "agent_id": 1},
}
SEAL = """
const {encrypt, getSignature} = require('@wecom/crypto');
const [key, token, receiver, stamp, nonce, xml] = given;
const sealed = encrypt(key, xml, receiver);
console.log(JSON.stringify([sealed, getSignature(token, stamp, nonce, sealed)]));
"""
OPEN = """
const {decrypt, getSignature} = require('@wecom/crypto');
const [key, token, stamp, nonce, sealed] = given;
const opened = decrypt(key, sealed);
console.log(JSON.stringify([opened.message, opened.id, getSignature(token, stamp, nonce, sealed)]));
"""
MASS = (
    "<xml><FromUserName>o1</FromUserName><MsgType>event</MsgType><Event>MASSSENDJOBFINISH</Event>"
    "<MsgID>1000001625</MsgID><Status>send success</Status><TotalCount>1370</TotalCount>"
    "<FilterCount>1360</FilterCount><SentCount>1300</SentCount><ErrorCount>60</ErrorCount></xml>"
)
REPLY = (
    "<xml><FromUserName>member-1</FromUserName><MsgType>text</MsgType><Content>收到</Content><MsgId>1</MsgId>"
    "<AgentID>1</AgentID></xml>"
)
MEANS = {
    "wechat_official": (
        MASS,
        Receipt(
            "delivered",
            ref="1000001625",
            detail="send success: total 1370, filtered 1360, sent 1300, errors 60",
            count=1300,
        ),
    ),
    "wecom": (REPLY, Receipt("acknowledged", address="member-1", detail="收到")),
}


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_we_hear_what_the_peer_sealed(name: str) -> None:
    module("@wecom/crypto")
    plain, receipt = MEANS[name]
    stamp = str(int(time.time()))
    sealed, signature = _strings(node(SEAL, KEY, TOKEN, "ww1", stamp, "n1", plain))
    channel = kind(name).build(Setup("x", World.SANDBOX, CONFIGS[name], HOOK))
    assert isinstance(channel, Hears)
    query = urlencode({"msg_signature": signature, "timestamp": stamp, "nonce": "n1"})
    body = f"<xml><ToUserName>ww1</ToUserName><Encrypt>{escape(sealed)}</Encrypt></xml>".encode()
    reply, receipts = channel.hear(Callback("POST", f"{HOOK}?{query}", {}, body))
    assert (reply.status, receipts) == (200, (receipt,))
    assert channel.hear(Callback("POST", f"{HOOK}?{query}", {}, body))[0] == Reply(403, b"signature")


@pytest.mark.parametrize("crypto", [WeChatCrypto, WecomCrypto])
def test_the_peer_opens_what_the_sandbox_seals(crypto: type) -> None:
    module("@wecom/crypto")
    stamp = str(int(time.time()))
    envelope = xmltodict.parse(crypto(TOKEN, KEY, "ww1").encrypt_message(MASS, "n1", stamp))["xml"]
    opened = _strings(node(OPEN, KEY, TOKEN, stamp, "n1", envelope["Encrypt"]))
    assert opened == [MASS, "ww1", envelope["MsgSignature"]]


def _strings(found: object) -> list[str]:
    assert isinstance(found, list)
    return [str(one) for one in found]
