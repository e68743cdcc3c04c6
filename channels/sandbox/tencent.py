"""What do WeChat and WeCom share? Tokens that die, and encrypted, signed calls on the hub."""

import json
import time
from collections.abc import Mapping
from hashlib import sha1
from uuid import uuid4
from xml.sax.saxutils import escape

import xmltodict
from aiohttp import web

from channels.sandbox.faults import Rule, suffer
from channels.sandbox.world import Account, Sandbox

BAD_TOKEN = (40001, "invalid credential, access_token is invalid or not latest")


def said(code: int, message: str, **fields: object) -> web.Response:
    """An answer in Tencent's manner: always 200, the truth in `errcode`."""
    return web.json_response({"errcode": code, "errmsg": message, **fields})


async def asked(request: web.Request) -> dict[str, object]:
    """The JSON body; nothing for anything else."""
    try:
        found = json.loads(await request.read())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def token_of(sandbox: Sandbox, account: Account, renew: bool) -> web.Response:
    """A token answer: the one that lives, or a new one that ends it."""
    token, until = sandbox.tokens.get(account.channel, ("", 0.0))
    if renew or until <= time.monotonic():
        token, until = uuid4().hex, time.monotonic() + sandbox.token_seconds
        sandbox.tokens[account.channel] = token, until
    left = int(until - time.monotonic())
    return said(0, "ok", access_token=token, expires_in=max(left, 0))


def holder(sandbox: Sandbox, kind: str, token: str) -> Account | None:
    """Whose living token this is."""
    for account in sandbox.accounts:
        held, until = sandbox.tokens.get(account.channel, ("", 0.0))
        if account.kind == kind and token and token == held and until > time.monotonic():
            return account
    return None


async def begin(
    request: web.Request, sandbox: Sandbox, kind: str, address: str, stage: str
) -> tuple[Account | None, Rule, web.StreamResponse | None]:
    """Whose call it is, the rule it meets, and the answer if the rule or a bad token already gives it."""
    account = holder(sandbox, kind, request.query.get("access_token", ""))
    rule = sandbox.rules.meet(account.names if account else ("", kind), address, stage)
    if ended := await suffer(request, rule, sandbox.over):
        return account, rule, ended
    if account is None:
        return None, rule, said(*BAD_TOKEN)
    if rule.fault == "credentials":
        return account, rule, said(48001 if kind == "wechat_official" else 48002, "api unauthorized")
    if rule.fault == "code":
        return account, rule, said(rule.code, "refused by the sandbox")
    return account, rule, None


async def tell(sandbox: Sandbox, account: Account, fields: Mapping[str, str]) -> str:
    """Call the hub with an encrypted message. Returns what went wrong, or nothing."""
    config = account.config
    official = account.kind == "wechat_official"
    receiver = config["app_id"] if official else config["corp_id"]
    # Slow to load, and wanted only when a message comes back.
    from wechatpy.crypto import WeChatCrypto
    from wechatpy.enterprise.crypto import WeChatCrypto as WecomCrypto

    crypto = (WeChatCrypto if official else WecomCrypto)(config["token"], config["aes_key"], receiver)
    stamp, nonce = str(int(time.time())), uuid4().hex[:16]
    common = {"ToUserName": receiver, "CreateTime": stamp}
    plain = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in {**common, **fields}.items())
    sealed = crypto.encrypt_message(f"<xml>{plain}</xml>", nonce, stamp)
    signature = xmltodict.parse(sealed)["xml"]["MsgSignature"]
    query = f"msg_signature={signature}&timestamp={stamp}&nonce={nonce}"
    if official:
        parts = "".join(sorted((config["token"], stamp, nonce))).encode()
        outer = sha1(parts, usedforsecurity=False).hexdigest()
        query += f"&signature={outer}&encrypt_type=aes"
    headers = {"Content-Type": "text/xml"}
    url = f"{sandbox.hook(account)}?{query}"
    return await sandbox.postman.call("POST", url, headers, sealed.encode())
