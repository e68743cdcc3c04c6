"""How are files put into one POST, and taken out of one? `multipart/form-data`, without touching the network."""

import secrets
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP


def form(fields: Mapping[str, str | tuple[str, str, bytes]]) -> tuple[str, bytes]:
    """(content type, body) of text fields and files `(file name, media type, bytes)`."""
    edge = f"tocsin-{secrets.token_hex(16)}"
    out = bytearray()
    for name, value in fields.items():
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"'
        if isinstance(value, str):
            out += f"{head}\r\n\r\n{value}\r\n".encode()
        else:
            out += f'{head}; filename="{value[0]}"\r\nContent-Type: {value[1]}\r\n\r\n'.encode() + value[2] + b"\r\n"
    out += f"--{edge}--\r\n".encode()
    return f"multipart/form-data; boundary={edge}", bytes(out)


def parts(headers: Mapping[str, str], body: bytes) -> dict[str, bytes]:
    """Field or file name -> bytes of a form; nothing for a body that is not one."""
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if not kind.lower().startswith("multipart/form-data"):
        return {}
    head = f"Content-Type: {kind}\r\n\r\n".encode("utf-8", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    found: dict[str, bytes] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found[name] = content
    return found
