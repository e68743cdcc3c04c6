"""What was posted as a form with files? Read with Python's own mail parser, from bytes that a signature may cover."""

from email.parser import BytesParser
from email.policy import HTTP


def posted(content_type: str, body: bytes) -> dict[str, tuple[str, bytes]]:
    """Field -> (file name or nothing, bytes)."""
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    found: dict[str, tuple[str, bytes]] = {}
    for part in message.iter_parts():
        content = part.get_payload(decode=True)
        name = part.get_param("name", header="content-disposition")
        found[str(name)] = part.get_filename() or "", content if isinstance(content, bytes) else b""
    return found
