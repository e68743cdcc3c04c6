"""How does a new pack begin? As a copy of a sound one under its own name, to be changed rule by rule."""

import json
import re
from collections.abc import Mapping, Sequence

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def begun(files: Mapping[str, bytes], languages: Sequence[str], folder: str, name: str) -> dict[str, bytes]:
    """The files of a new pack called `folder`, of a county called `name` in each of the model's languages.

    The identifier prefix becomes its first letters. Raises ValueError for a name that cannot stand in addresses.
    """
    if not _NAME.fullmatch(folder):
        raise ValueError(f"{folder}: a pack's name has small letters, digits and hyphens, such as north-shire")
    quoted = json.dumps(name, ensure_ascii=False)
    lines = {
        "id": folder,
        "name": "{" + ", ".join(f"{language}: {quoted}" for language in languages) + "}",
        "identifier_prefix": "".join(part[:1] for part in folder.split("-")).upper(),
    }
    text = files["pack.yaml"].decode()
    for key, value in lines.items():
        line = f"{key}: {value}".replace("\\", r"\\")
        text = re.sub(rf"(?m)^{key}: .*$", line, text)
    return {**files, "pack.yaml": text.encode()}
