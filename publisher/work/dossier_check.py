"""Does this dossier hold? Seal, files, chain, heads, digests and bytes, judged from the file alone.

Whoever holds only the file must know the hub's public key from elsewhere (its key page, a printed report): a key that
comes with the file proves that nobody changed it since, not who made it.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from publisher.core.manifest import digest_of, sha256
from publisher.formats import seal
from publisher.store import heads, ledger
from publisher.store.heads import Head
from publisher.store.types import EPOCH
from publisher.work.dossier import FORMAT, INDEX, SEAL

LARGEST = 4 * 1024**3
"""Bytes that are unpacked at most."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the dossier says of itself, and everything that does not hold."""

    made: str
    made_by: str
    public_key: str
    rows: int
    breaks: tuple[str, ...]


def read(file: Path) -> dict[str, bytes]:
    """The files inside. Raises ValueError for what is no dossier."""
    try:
        with zipfile.ZipFile(file) as opened:
            if sum(one.file_size for one in opened.infolist()) > LARGEST:
                raise ValueError(f"{file} unpacks to more than {LARGEST} bytes")
            return {name: opened.read(name) for name in opened.namelist()}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError) as error:
        raise ValueError(f"{file} is no zip: {error}") from error


def judge(files: Mapping[str, bytes], *, key: str = "") -> Judgement:
    """Judge the files of a dossier. `key`: the hub's public key as known from elsewhere; empty takes the file's own."""
    index = _index(files)
    own = str(index.get("public_key", ""))
    found = tuple(_breaks(files, index, key or own))
    rows = len(files.get("ledger.jsonl", b"").splitlines())
    return Judgement(str(index.get("made", "")), str(index.get("made_by", "")), own, rows, found)


def _index(files: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        found = json.loads(files.get(INDEX, b"{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _breaks(files: Mapping[str, bytes], index: Mapping[str, Any], key: str) -> Iterator[str]:
    if index.get("format") != FORMAT:
        yield f"{INDEX}: not a {FORMAT}"
        return
    if not seal.holds(files[INDEX], files.get(SEAL, b"").decode("ascii", "replace"), key):
        yield f"{SEAL}: the index was not sealed with {key or 'any key'}; nothing else in it can be believed"
        return
    yield from _files(files, index["files"])
    try:
        yield from _contents(files, key)
    except (KeyError, ValueError, TypeError) as error:
        yield f"the lists cannot be read: {error}"


def _files(files: Mapping[str, bytes], listed: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(set(listed) | (set(files) - {INDEX, SEAL})):
        if name not in files:
            yield f"{name}: missing"
        elif name not in listed:
            yield f"{name}: not in the index"
        elif sha256(files[name]) != listed[name]["sha256"]:
            yield f"{name}: changed"


def _contents(files: Mapping[str, bytes], key: str) -> Iterator[str]:
    chain = _rows(files, "ledger")
    for broken in ledger.chain(chain):
        yield f"ledger row {broken.seq}: {broken.says}"
    hashes = {row["seq"]: row["hash"] for row in chain}
    for row in _rows(files, "heads"):
        head = Head(row["seq"], row["hash"], EPOCH + timedelta(microseconds=row["at"]), row["seal"])
        if (wrong := heads.judge(head, hashes.get(head.seq), key)) is not None:
            yield f"head {wrong.seq}: {wrong.says}"
    yield from _releases(files, chain)


def _releases(files: Mapping[str, bytes], chain: list[dict[str, Any]]) -> Iterator[str]:
    """Every release: its manifest gives its digest, which the ledger names, which the approvals bind, whose bytes are here."""
    told = {row["subject"]: json.loads(row["body"]) for row in chain if row["act"] == "bulletin.release"}
    binding = {(one["bulletin"], one["digest"]) for one in (*_rows(files, "releases"), *_rows(files, "waves"))}
    for yes in _rows(files, "approvals"):
        if yes["bulletin"] in told and not yes["void"] and (yes["bulletin"], yes["digest"]) not in binding:
            yield f"approval {yes['id']}: binds neither the release nor a wave of {yes['bulletin']}"
    for one in _rows(files, "releases"):
        name = one["bulletin"]
        if digest_of(one["manifest"]) != one["digest"]:
            yield f"release {name}: the manifest does not give its digest"
        if told.get(name, {}).get("digest") != one["digest"]:
            yield f"release {name}: the ledger names another digest"
    for artefact in _rows(files, "artefacts"):
        if f"bytes/{artefact['final_hash']}" not in files:
            yield f"artefact {artefact['bulletin']} {artefact['name']}: its bytes are missing"


def _rows(files: Mapping[str, bytes], name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[f"{name}.jsonl"].splitlines()]
