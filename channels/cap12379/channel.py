"""How is the approved 12379 file pushed upwards? Its own bytes, with the scans of its approval, signed; keyed by its id."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence

from lxml import etree
from pydantic import BaseModel, Field, ValidationError

from channels.base import Callback, Composed, Fields, Health, Reply, Setup, Traits
from channels.cap12379.codes import COLOURS, REQUESTS, RESULTS, STATES
from channels.cap12379.config import Config
from channels.http import Got, Http, MaybeSent, NotSent, Verdict, by_status
from channels.multipart import form
from channels.signing import Gate, headers
from channels.spread import spread
from channels.told import FORGED, UNREADABLE
from publisher.model.delivery import Answer, Message, Receipt, Refused, Sent, Target
from publisher.model.words import Medium

TRAITS = Traits(
    kind="cap12379",
    medium=Medium.PARTNER,
    repeat="keyed",
    window=4,
    rate=5.0,
    timeout=20.0,
    receipts=True,
    carries="cap-cn",
    limits={"bytes": 1_048_576},
)
_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
_WORD = re.compile(r"[A-Za-z0-9_]{1,60}")


class Told(BaseModel):
    """One report on a pushed file. `reached` counts people, of one method or of all."""

    delivery: str = Field(min_length=1, max_length=60)
    state: str
    method: str = Field(default="", max_length=20)
    reached: int | None = Field(default=None, ge=0)
    detail: str = Field(default="", max_length=200)


class Cap12379:
    """One upper platform."""

    def __init__(self, setup: Setup, config: Config) -> None:
        self.traits = config.applied(TRAITS)
        self._clock, self._config = setup.clock, config
        self._receipts = setup.receipts_url
        self._gate = Gate([config.receipt_key])
        self._http = Http(config.base_url, self.traits.timeout, (config.key, config.receipt_key))

    def send(self, message: Message, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Answer]]:
        """One push a request; the platform knows a file that it had before by its identifier."""

        stem = file_stem(message.body)

        async def one(target: Target) -> Answer:
            return await self._one(message, target, stem)

        return spread(message, targets, self.traits.window, self._clock, one)

    def compose(self, fields: Fields) -> Composed:
        """Nothing of its own: the release's 12379 file is what goes up. Here only its words, for a preview."""
        body = "\n".join(fields.words.values()).encode()
        size, most = len(body), self.traits.limits["bytes"]
        return Composed(
            "text/plain; charset=utf-8", body, {}, (f"text: {size} of {most} bytes",) if size > most else ()
        )

    def hear(self, callback: Callback) -> tuple[Reply, Sequence[Receipt]]:
        """A signed report: requested, accepted, or how many people were reached."""
        if callback.method != "POST" or not self._gate.admits(callback.headers, callback.body):
            return FORGED, ()
        try:
            told = Told.model_validate_json(callback.body)
            state, reason = STATES[told.state]
        except (ValidationError, KeyError):
            return UNREADABLE, ()
        detail = " ".join(filter(None, (told.method, told.state, told.detail)))
        return Reply(200, b"ok"), (Receipt(state, told.delivery, "", reason, detail, told.reached),)

    async def probe(self) -> Health:
        """A signed GET; the platform answers with the sender code that it knows us by."""
        try:
            got = await self._http.get(self._config.path, headers=headers([self._config.key], "probe", b""))
        except (NotSent, MaybeSent) as error:
            return Health(False, str(error))
        good = got.status == 200 and "sender" in (got.object() or {})
        return Health(good, "the platform knows us" if good else f"HTTP {got.status}: {self._http.clean(got.text)}")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _one(self, message: Message, target: Target, stem: str | None) -> Answer:
        request = REQUESTS.get(target.address.partition(":")[0])
        if request is None:
            return Refused("invalid_address", f"must be one of {', '.join(REQUESTS)}")
        if stem is None:
            return Refused("content", "not a 12379 file")
        fields: dict[str, str | tuple[str, str, bytes]] = {
            "request": request,
            "delivery": target.delivery,
            "report_to": self._receipts,
            "file": (f"{stem}.xml", "application/xml", message.body),
        }
        for number, (kind, scan) in enumerate(message.attachments, 1):
            fields[f"scan{number}"] = (f"{stem}_P_{number:02d}.{_ENDINGS.get(kind, 'bin')}", kind, scan)
        kind, body = form(fields)
        sent = {"Content-Type": kind, **headers([self._config.key], target.key, body)}
        got = await self._http.post(self._config.path, headers=sent, body=body)
        return self._answer(got)

    def _answer(self, got: Got) -> Answer:
        found = got.object() or {}
        verdict = self._verdict(got.status, str(found.get("result", "")))
        return verdict.answer(self._http.clean(got.text), got.after) if verdict else Sent(str(found.get("id", "")))

    @staticmethod
    def _verdict(status: int, result: str) -> Verdict | None:
        if result in RESULTS and status in (200, 202, 400, 401, 403, 409, 422):
            return RESULTS[result]
        return Verdict("unknown", "unreadable") if status == 200 else by_status(status)


def file_stem(body: bytes) -> str | None:
    """The file's name by the standard's rule, without its ending; None for what is not such a file.

    `senderCode_YYYYMMDDHHMISS_eventType_COLOUR_ALERT|UPDATE|CANCEL`.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    said: Mapping[str, str] = {
        name: (root.findtext(f".//{{*}}{name}") or "") for name in ("identifier", "eventType", "severity", "msgType")
    }
    colour = COLOURS.get(said["severity"], "UNKNOWN")
    words = (said["identifier"], said["eventType"], colour, said["msgType"].upper())
    return "_".join(words) if all(_WORD.fullmatch(word) for word in words) else None
