"""How does an emergency-broadcast platform behave? Takes a package, answers with one, tells the play states.

Written from the standard's layout alone, with Python's own tar and XML readers: it shares no code with our writer.
"""

import io
import tarfile
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import uuid4
from xml.etree import ElementTree

from aiohttp import web

from channels.sandbox.faults import Rule, hang_up, suffer
from channels.sandbox.files import posted
from channels.sandbox.world import Account, Letter, Sandbox

_HEAD = "<EBD><EBDVersion>1.0</EBDVersion><EBDID>{id}</EBDID><EBDType>{kind}</EBDType><SRC><EBRID>{src}</EBRID></SRC>"
_ANSWER = _HEAD + (
    "<RelatedEBD><EBDID>{related}</EBDID></RelatedEBD>"
    "<EBDResponse><ResultCode>{code}</ResultCode><ResultDesc>{says}</ResultDesc></EBDResponse></EBD>"
)
_PLAYED = "<EBMStateResponse><EBM><EBMID>{ebm}</EBMID></EBM><BrdStateCode>{code}</BrdStateCode></EBMStateResponse>"
_STATE = _HEAD + _PLAYED + "</EBD>"
_MINE = "0231011500000101"


class Loudspeakers:
    """`POST /ebm/`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """The platform's path."""
        return [web.post("/", self._take)]

    async def _take(self, request: web.Request) -> web.StreamResponse:
        form = posted(request.headers.get("Content-Type", ""), await request.read())
        root = _message(form.get("file", ("", b""))[1])
        if root is None:
            return web.Response(status=400, text="field file: not a package")
        check = root.findtext("EBDType") == "ConnectionCheck"
        to, source = root.findtext("DEST/EBRID") or "", root.findtext("SRC/EBRID") or ""
        self._sandbox.calls.append(f"ebm {root.findtext('EBDType')} {to}")
        account = self._sandbox.account("ebm", platform=source)
        rule = self._sandbox.rules.meet(account.names if account else ("", "ebm"), to, "probe" if check else "send")
        if ended := await suffer(request, rule, self._sandbox.over):
            return ended
        related = root.findtext("EBDID") or ""
        if account is None or rule.fault == "credentials":
            return _package(_ANSWER, related=related, code="5", says="unknown resource code")
        if check:
            return _package(_ANSWER, related=related, code="1", says="alive")
        return self._play(request, root, account, rule, to)

    def _play(
        self, request: web.Request, root: ElementTree.Element, account: Account, rule: Rule, to: str
    ) -> web.StreamResponse:
        related, ebm = root.findtext("EBDID") or "", root.findtext("EBM/EBMID") or ""
        if rule.fault in ("absent", "code"):
            return _package(_ANSWER, related=related, code="3", says="no loudspeaker there")
        body = root.find("EBM/MsgContent")
        said = {
            one: (body.findtext(one) or "") if body is not None else "" for one in ("MsgTitle", "MsgDesc", "AreaCode")
        }
        kind = root.findtext("EBM/MsgBasicInfo/MsgType") or ""
        letter, new = self._sandbox.once(
            (account.channel, to, ebm), lambda: Letter(ebm, account, to, said["MsgDesc"], said["MsgTitle"])
        )
        letter.asked = {
            "type": kind,
            "severity": root.findtext("EBM/MsgBasicInfo/Severity") or "",
            "areas": said["AreaCode"],
            "before": root.findtext("EBM/RelatedInfo/EBMID") or "",
        }
        if new and rule.receipt != "none":
            end = 2.0 if rule.receipt_after is None else rule.receipt_after
            last = "3" if rule.receipt == "delivered" else "4"
            self._sandbox.postman.later(
                (0.2, lambda: self._tell(letter, "1")),
                (0.5, lambda: self._tell(letter, "2")),
                (end, lambda: self._tell(letter, last)),
            )
        if rule.fault == "drop_after":
            return hang_up(request)
        return _package(_ANSWER, related=related, code="1", says="taken")

    async def _tell(self, letter: Letter, code: str) -> None:
        letter.state = {"3": "delivered", "4": "failed"}.get(code, letter.state)  # type: ignore[assignment] # two of State
        xml = _STATE.format(id=_number(), kind="EBMStateResponse", src=letter.address, ebm=letter.id, code=code)
        edge = uuid4().hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="EBDT.tar"\r\n\r\n'
        body = head.encode() + _tar(xml) + f"\r\n--{edge}--\r\n".encode()
        url = f"{self._sandbox.hook(letter.account)}?key={quote(letter.account.config['receipt_key'])}"
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        letter.note = await self._sandbox.postman.call("POST", url, kind, body)


def _number() -> str:
    return f"01{_MINE}{datetime.now(UTC):%Y%m%d%H%M%S}00"


def _message(tar: bytes) -> ElementTree.Element | None:
    try:
        with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
            name = next((one for one in opened.getnames() if one.startswith("EBDB_")), "")
            held = opened.extractfile(name) if name else None
            return ElementTree.fromstring(held.read()) if held else None
    except (tarfile.TarError, ElementTree.ParseError):
        return None


def _package(pattern: str, **values: str) -> web.Response:
    xml = pattern.format(id=_number(), kind="EBDResponse", src=_MINE, **values)
    return web.Response(body=_tar(xml), content_type="application/x-tar")


def _tar(xml: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo("EBDB_1.xml")
        body = xml.encode()
        entry.size = len(body)
        tar.addfile(entry, io.BytesIO(body))
    return out.getvalue()
