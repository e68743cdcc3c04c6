"""How does Twilio behave? Messages made, listed and reported on with its own signature."""

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode
from uuid import uuid4

from aiohttp import web
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator

from channels.sandbox.faults import Rule, hang_up, suffer
from channels.sandbox.world import Account, Letter, Sandbox

_ROOT = "/2010-04-01/Accounts/{sid}"
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_SENT_AFTER, _END_AFTER = 0.3, 2.0
_UNREACHABLE = 30003
_LONGEST = 1600


class Numbers:
    """The Messages and Accounts resources."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """Twilio's paths."""
        return [
            web.post(f"{_ROOT}/Messages.json", self._create),
            web.get(f"{_ROOT}/Messages.json", self._list),
            web.get(f"{_ROOT}.json", self._account),
        ]

    async def _create(self, request: web.Request) -> web.StreamResponse:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self._sandbox.calls.append(f"twilio create {form.get('To', '')}")
        account = self._who(request)
        names = account.names if account else ("", "twilio")
        rule = self._sandbox.rules.meet(names, form.get("To", ""))
        if ended := await suffer(request, rule, self._sandbox.over):
            return ended
        if account is None or rule.fault == "credentials":
            return _error(401, 20003, "Authenticate")
        if refused := _refusal(form, rule):
            return refused
        letter = self._take(account, form, rule)
        if rule.fault == "drop_after":
            return hang_up(request)
        return web.json_response(_resource(letter, "queued"), status=201)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        account, ended = await self._read(request)
        if ended:
            return ended
        found = [
            _resource(letter, letter.state)
            for letter in reversed(self._sandbox.letters)
            if letter.account is account and _wanted(letter, request.query)
        ]
        page = {"messages": found, "page": 0, "page_size": 50, "next_page_uri": None}
        return web.json_response(page)

    async def _account(self, request: web.Request) -> web.StreamResponse:
        _, ended = await self._read(request)
        return ended or web.json_response({"sid": request.match_info["sid"], "status": "active"})

    async def _read(self, request: web.Request) -> tuple[Account | None, web.StreamResponse | None]:
        account = self._who(request)
        names = account.names if account else ("", "twilio")
        rule = self._sandbox.rules.meet(names, "", "probe")
        ended = await suffer(request, rule, self._sandbox.over)
        if ended is None and (account is None or rule.fault == "credentials"):
            ended = _error(401, 20003, "Authenticate")
        return account, ended

    def _who(self, request: web.Request) -> Account | None:
        try:
            kind, _, sealed = request.headers.get("Authorization", "").partition(" ")
            user, _, word = base64.b64decode(sealed).decode().partition(":")
        except ValueError:
            return None
        if kind != "Basic" or user != request.match_info["sid"]:
            return None
        return self._sandbox.account("twilio", account_sid=user, auth_token=word)

    def _take(self, account: Account, form: Mapping[str, str], rule: Rule) -> Letter:
        letter = Letter(f"SM{uuid4().hex}", account, form["To"], form["Body"])
        letter.asked = {"validity": form.get("ValidityPeriod", "")}
        self._sandbox.arrive(letter)
        url = form.get("StatusCallback", "")
        if url and rule.receipt != "none":
            end = _END_AFTER if rule.receipt_after is None else rule.receipt_after
            self._sandbox.postman.later(
                (_SENT_AFTER, lambda: self._report(letter, url, "sent", 0)),
                (end, lambda: self._finish(letter, url, rule)),
            )
        return letter

    async def _finish(self, letter: Letter, url: str, rule: Rule) -> None:
        letter.state = "delivered" if rule.receipt == "delivered" else "failed"
        if letter.state == "delivered":
            await self._report(letter, url, "delivered", 0)
        else:
            await self._report(letter, url, "undelivered", rule.receipt_code or _UNREACHABLE)

    async def _report(self, letter: Letter, url: str, status: str, code: int) -> None:
        config = letter.account.config
        form = {
            "MessageSid": letter.id,
            "MessageStatus": status,
            "AccountSid": config["account_sid"],
            "MessagingServiceSid": config["messaging_service_sid"],
            "To": letter.address,
            **({"ErrorCode": str(code)} if code else {}),
        }
        shared = config.get("signing_key", "")
        algorithm = HMAC_SHA256 if shared else HMAC_SHA1
        signer = RequestValidator(shared or config["auth_token"])
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signer.compute_signature(url, form, algorithm),
        }
        if shared:
            headers["X-Twilio-Webhooks-Signature-Settings"] = f"key=sandbox,algorithm={algorithm}"
        body = urlencode(form).encode()
        letter.note = await self._sandbox.postman.call("POST", url, headers, body)


def _error(status: int, code: int, message: str) -> web.Response:
    return web.json_response({"code": code, "message": message, "status": status}, status=status)


def _refusal(form: Mapping[str, str], rule: Rule) -> web.Response | None:
    if rule.fault == "code":
        return _error(400, rule.code, "refused by the sandbox")
    if rule.fault == "absent" or not _NUMBER.fullmatch(form.get("To", "")):
        return _error(400, 21211, "Invalid 'To' Phone Number")
    if not form.get("Body"):
        return _error(400, 21602, "Message body is required.")
    if len(form["Body"]) > _LONGEST:
        return _error(400, 21617, "The message body exceeds the 1600 character limit.")
    return None


def _resource(letter: Letter, status: str) -> dict[str, object]:
    return {
        "sid": letter.id,
        "account_sid": letter.account.config["account_sid"],
        "to": letter.address,
        "body": letter.text,
        "status": status,
        "date_sent": letter.at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
    }


def _wanted(letter: Letter, query: Mapping[str, str]) -> bool:
    if query.get("To", letter.address) != letter.address:
        return False
    after = query.get("DateSent>", "")
    return not after or letter.at >= datetime.fromisoformat(after)
