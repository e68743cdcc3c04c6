"""How does a warning leave for the loudspeakers? One package a platform; play states come back as receipts."""

import hmac
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.hashes import SM3, Hash

from channels.base import Callback, Composed, Fields, Health, Misconfigured, Reply, Setup, Traits, Unavailable
from channels.ebm.codes import RESULTS, STATES
from channels.ebm.config import Config
from channels.http import Got, Http, MaybeSent, NotSent, Verdict, by_status
from channels.multipart import form, parts
from channels.sample import titled
from channels.spread import spread
from publisher.formats import ebm
from publisher.formats.ebm_message import MOST_SECTIONS
from publisher.model.delivery import Answer, Message, Receipt, Refused, Sent, Target
from publisher.model.words import Medium

TRAITS = Traits(
    kind="ebm",
    medium=Medium.PARTNER,
    repeat="keyed",
    window=4,
    rate=5.0,
    timeout=20.0,
    receipts=True,
    limits={"title": 60, "characters": 2000},
)
_TAR = "application/x-tar"


class Ebm:
    """One platform."""

    def __init__(self, setup: Setup, config: Config) -> None:
        self.traits = config.applied(TRAITS)
        self._clock, self._config = setup.clock, config
        self._http = Http(config.base_url, self.traits.timeout, (config.receipt_key, config.signer_key))

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """One package a platform; its EBMID is the same for every try, and a platform plays it once."""

        async def one(target: Target) -> Answer:
            return await self._one(message, target)

        return spread(message, targets, self.traits.window, self._clock, one)

    def compose(self, fields: Fields) -> Composed:
        """The EBD's XML with slots; MsgDesc is what the platform reads out."""
        sizes, over, beyond = titled(fields, self.traits.limits)
        sections = len(fields.about.content.sections) if fields.about else 1
        if sections > MOST_SECTIONS:
            over = (*over, f"sections: {sections} of {MOST_SECTIONS}")
        body = self._written(fields, fields.words.get("title", ""), fields.words.get("body", ""))
        facts = {name: f"{size}/{self.traits.limits[name]}" for name, size in sizes.items()}
        return Composed("application/xml", body, facts, over, beyond)

    def _written(self, fields: Fields, title: str, text: str) -> bytes:
        about, platform = fields.about, self._config.platform
        if about is None:
            return json.dumps({"title": title, "text": text, "platform": platform}, ensure_ascii=False).encode()
        return ebm.write_ebd(
            about.content,
            about.section,
            pack=about.pack,
            chain=about.chain,
            platform=platform,
            title=title,
            text=text,
            language=fields.language,
        )

    def hear(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """A package of play states. Its address carries our key; the answer is a package too."""
        given = dict(parse_qsl(urlsplit(callback.url).query, errors="replace")).get("key", "")
        if not hmac.compare_digest(
            self._config.receipt_key.get_secret_value().encode(), given.encode("utf-8", "replace")
        ):
            return Reply(403, b"key"), ()
        try:
            told = ebm.unpacked(parts(callback.headers, callback.body).get("file", b""))
        except ebm.NotAPackage as error:
            return Reply(400, str(error).encode()), ()
        known = [(one, STATES[code]) for one, code in told.states if one and code in STATES]
        receipts = tuple(
            Receipt(state, ref=_ref(one, told.source), reason=reason, detail=f"play state of {told.source}")
            for one, (state, reason) in known
        )
        return Reply(200, self._answered(told), _TAR), receipts

    async def probe(self) -> Health:
        """A ConnectionCheck package; nothing is played."""
        try:
            got = await self._post(
                ebm.connection_check(self._config.platform, datetime.now(UTC)), "01" + self._config.platform + "0" * 16
            )
            verdict = self._verdict(got)
        except (NotSent, MaybeSent) as error:
            return Health(False, str(error))
        return Health(
            verdict is None, "the platform answers" if verdict is None else f"{verdict.reason}: {self._said(got)}"
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _one(self, message: Message, target: Target) -> Answer:
        if not target.address.isdecimal():
            return Refused("invalid_address", "not a resource code")
        try:
            ebd, identifier, body = ebm.addressed(message.body, target.address)
        except ebm.NotAPackage as error:
            return Refused("content", str(error))
        got = await self._post(body, ebd)
        verdict = self._verdict(got)
        if verdict is not None:
            return verdict.answer(self._said(got), got.after)
        return Sent(_ref(identifier, target.address))

    async def _post(self, body: bytes, ebd: str) -> Got:
        signed = await self._signed(body, ebd)
        made = ebm.packed(ebm.files_of(ebd, body, signed))
        kind, whole = form({"file": (f"EBDT_{ebd}.tar", _TAR, made)})
        return await self._http.post(self._config.path, headers={"Content-Type": kind}, body=whole)

    async def _signed(self, body: bytes, ebd: str) -> bytes | None:
        """The signature file, made by the device; the key never leaves it. Raises Misconfigured or Unavailable."""
        if self._config.signer is None:
            return None
        digest = Hash(SM3())
        digest.update(body)
        asked = json.dumps({"algorithm": "SM2", "digest": digest.finalize().hex()}).encode()
        headers = {
            "Authorization": f"Bearer {self._config.signer_key.get_secret_value()}",
            "Content-Type": "application/json",
        }
        try:
            got = await self._http.post(f"{self._config.signer}/sign", headers=headers, body=asked)
        except (NotSent, MaybeSent) as error:
            raise Unavailable(f"the signing device: {error}") from None
        said = got.object() or {}
        try:
            return ebm.signature_file(ebd, str(said["value"]), {k: str(v) for k, v in said.items()}, datetime.now(UTC))
        except (KeyError, ValueError):
            raise Misconfigured(f"the signing device answered HTTP {got.status} without a signature") from None

    def _verdict(self, got: Got) -> Verdict | None:
        if got.status != 200:
            return by_status(got.status)
        try:
            told = ebm.unpacked(got.body)
        except ebm.NotAPackage:
            return Verdict("unknown", "unreadable")
        return RESULTS.get(told.result, Verdict("refused", "rejected"))

    def _said(self, got: Got) -> str:
        try:
            told = ebm.unpacked(got.body)
        except ebm.NotAPackage:
            return self._http.clean(f"HTTP {got.status}: {got.text}")
        return self._http.clean(f"{told.result}: {told.says}")

    def _answered(self, told: ebm.Ebd) -> bytes:
        mine = f"01{self._config.platform}" + f"{datetime.now(UTC):%y%m%d%H%M%S%f}"[:16]
        body = ebm.write_answer(mine, told.source, self._config.platform, told.id, "1", "taken")
        return ebm.packed(ebm.files_of(mine, body))


def _ref(identifier: str, platform: str) -> str:
    return f"{identifier}@{platform}"
