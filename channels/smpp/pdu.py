"""What do the octets of SMPP 3.4 say? The seven operations that a sender needs, both ways; pure."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

BIND, SUBMIT, DELIVER, ENQUIRE, UNBIND = 0x09, 0x04, 0x05, 0x15, 0x06
ANSWER = 0x8000_0000
LATER = 0x64
"""Our answer to a deliver_sm that the centre shall send again (ESME_RX_T_APPN)."""
NACK = 0x8000_0000
LARGEST = 70_000
_ID, _STATE = 0x001E, 0x0427


class Broken(ValueError):
    """Not a whole operation of the protocol."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """One operation. `command` with ANSWER set is the answer to that operation."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    def raw(self) -> bytes:
        """The octets."""
        return struct.pack("!IIII", 16 + len(self.body), self.command, self.status, self.sequence) + self.body


@dataclass(frozen=True, slots=True)
class Report:
    """What a deliver_sm says: `text` is the centre's words, `id` and `state` its optional parameters."""

    text: str
    id: str
    state: int
    receipt: bool


def head(raw: bytes) -> tuple[int, int, int, int]:
    """(length, command, status, sequence) of sixteen octets. Raises Broken."""
    length, command, status, sequence = struct.unpack("!IIII", raw)
    if not 16 <= length <= LARGEST:
        raise Broken(f"a length of {length}")
    return length, command, status, sequence


def bind(system_id: str, password: str, system_type: str) -> bytes:
    """The body of bind_transceiver."""
    return b"".join(map(_word, (system_id, password, system_type))) + b"\x34\x00\x00" + _word("")


def submit(
    sender: tuple[int, str], to: str, part: bytes, *, ucs2: bool, udh: bytes, seconds: int, report: bool
) -> bytes:
    """The body of submit_sm: `udh` is the header that joins parts, `seconds` how long the text is good for."""
    source = bytes([sender[0], 1 if sender[0] == 1 else 0]) + _word(sender[1])
    target = b"\x01\x01" + _word(to.removeprefix("+"))
    marks = bytes([0x40 if udh else 0, 0, 0]) + _word("") + _word(_relative(seconds))
    text = udh + part
    return b"\x00" + source + target + marks + bytes([1 if report else 0, 0, 8 if ucs2 else 0, 0, len(text)]) + text


def udh(reference: int, number: int, of: int) -> bytes:
    """The header of part `number` of `of` (3GPP TS 23.040 §9.2.3.24.1)."""
    return bytes([5, 0, 3, reference % 256, of, number])


def identifier(body: bytes) -> str:
    """The message id in a submit_sm_resp."""
    return body.partition(b"\x00")[0].decode("ascii", "replace")


def report(body: bytes) -> Report:
    """A deliver_sm read. Raises Broken."""
    try:
        return _report(body)
    except (IndexError, struct.error) as error:
        raise Broken(f"a deliver_sm of {len(body)} octets") from error


def _report(body: bytes) -> Report:
    at = body.index(0) + 1 if 0 in body else _missing()
    for _ in range(2):
        at = _after_word(body, at + 2)
    esm = body[at]
    at = _after_word(body, _after_word(body, at + 3)) + 5
    size = body[at - 1]
    text = body[at : at + size]
    more = _parameters(body, at + size)
    state = more.get(_STATE, b"\x00")
    words = more.get(_ID, b"").partition(b"\x00")[0].decode("ascii", "replace")
    return Report(text.decode("latin-1"), words, state[0] if state else 0, bool(esm & 0x3C))


def _missing() -> int:
    raise Broken("no service type")


def _after_word(body: bytes, at: int) -> int:
    end = body.find(b"\x00", at)
    if end < 0:
        raise Broken("a word without an end")
    return end + 1


def _parameters(body: bytes, at: int) -> Mapping[int, bytes]:
    found: dict[int, bytes] = {}
    while at + 4 <= len(body):
        tag, size = struct.unpack_from("!HH", body, at)
        found[tag] = body[at + 4 : at + 4 + size]
        at += 4 + size
    return found


def _word(text: str) -> bytes:
    return text.encode("ascii") + b"\x00"


def _relative(seconds: int) -> str:
    """A relative validity period, a month at most."""
    left = min(max(seconds, 1), 30 * 86_400 - 1)
    days, rest = divmod(left, 86_400)
    return f"0000{days:02}{rest // 3600:02}{rest // 60 % 60:02}{rest % 60:02}000R"
