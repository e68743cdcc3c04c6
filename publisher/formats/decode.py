"""Which characters do these bytes stand for? UTF-8, UTF-16 with a mark, declared GB18030/GBK/GB2312 or ISO-8859-1."""

import re
from dataclasses import dataclass

from publisher.formats.codes import finding
from publisher.model.finding import Finding

ACCEPTED = "UTF-8, UTF-16 with a byte order mark, or a declared GB18030, GBK, GB2312 or ISO-8859-1"

_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"<\x00", "UTF-16 without a byte order mark"),
    (b"\x00<", "UTF-16 without a byte order mark"),
    (b"\x4c\x6f\xa7\x94", "EBCDIC"),
    (b"+/v", "UTF-7"),
)
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "gb2312": "gb18030",
    "iso-8859-1": "latin-1",
    "iso_8859-1": "latin-1",
    "iso8859-1": "latin-1",
    "latin1": "latin-1",
}
_DECLARED = re.compile(rb"""\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")
_SURELY_UTF8 = 4
"""So many characters that by chance read as UTF-8 no GB text has."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, and the same in UTF-8 without a mark; `repairs` when a tolerant reading mended the encoding."""

    text: str
    utf8: bytes
    repairs: tuple[Finding, ...] = ()


def decode(raw: bytes, *, tolerant: bool) -> Decoded | Finding:
    """Decode a message, or say in one finding why not. A byte order mark outranks the XML declaration (RFC 7303 §3)."""
    mark, name = _byte_order(raw)
    if name and not mark:
        return _unsupported(name)
    if mark:
        return _by_mark(raw[len(mark) :], name)
    declared = _declared(raw)
    codec = _CODECS.get(declared.lower())
    if codec is None:
        return _as_utf8(raw, declared, tolerant) or _unsupported(declared)
    if codec == "gb18030" and _reads_as_utf8(raw):
        return _as_utf8(raw, declared, tolerant) or _wrong(declared, "the bytes are UTF-8")
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        return _as_utf8(raw, declared, tolerant) or _wrong(declared, _byte(raw, error))
    return Decoded(text, raw if codec in ("utf-8", "ascii") else text.encode())


def _byte_order(raw: bytes) -> tuple[bytes, str]:
    """The mark and its codec; an empty mark with a name for an encoding that is recognised and not taken."""
    if raw[:1] in (b"", b"<") and raw[1:2] != b"\x00":
        return b"", ""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return (mark, name) if name.startswith("utf-") else (b"", name)
    return b"", ""


def _declared(raw: bytes) -> str:
    match = _DECLARED.match(raw[:512])
    return match[1].decode("ascii", "replace") if match else "utf-8"


def _by_mark(body: bytes, codec: str) -> Decoded | Finding:
    try:
        text = body.decode(codec)
    except UnicodeDecodeError as error:
        return _wrong(codec, _byte(body, error))
    return Decoded(text, body if codec == "utf-8" else text.encode())


def _as_utf8(raw: bytes, declared: str, tolerant: bool) -> Decoded | None:
    if not tolerant:
        return None
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    message = f'The declared encoding "{declared}" does not fit the bytes; they were read as UTF-8.'
    return Decoded(text, raw, (finding("REPAIRED_ENCODING", "/", message),))


def _reads_as_utf8(raw: bytes) -> bool:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return False
    return sum(1 for char in text if char > "\x7f") >= _SURELY_UTF8


def _unsupported(name: str) -> Finding:
    return finding("UNSUPPORTED_ENCODING", "/", f'The encoding "{name}" is not read. Send {ACCEPTED}.')


def _wrong(codec: str, what: str) -> Finding:
    message = f"The message says it is {codec.upper()}, but {what}. Send {ACCEPTED}, and declare the one you send."
    return finding("INVALID_CHARACTERS", "/", message)


def _byte(raw: bytes, error: UnicodeDecodeError) -> str:
    return f"byte 0x{raw[error.start]:02X} at offset {error.start} cannot be read so"
