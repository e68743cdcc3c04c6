"""What exactly does an approval bind? The manifest of everything that will go out, and its digest.

The digest is SHA-256 over the RFC 8785 form of the manifest, so that anyone can recompute it offline. Texts with slots
are bound as they stand, slots unfilled: reviewers, signers and the release share one digest.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785

from publisher.model.bulletin import Content
from publisher.model.plan import Artefact, PlannedWave, PlannedWay

VERSION = 1


def sha256(body: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(body).hexdigest()


def digest_of(value: Mapping[str, Any]) -> str:
    """Hex SHA-256 over the RFC 8785 canonical JSON of `value`."""
    return sha256(rfc8785.dumps(dict(value)))


def bound(artefact: Artefact) -> str:
    """The hash a manifest carries for an artefact: its unfilled bytes, with the renderer's name for derived media."""
    return sha256(artefact.body + b"\0" + artefact.derived.encode())


def _way(way: PlannedWay) -> dict[str, Any]:
    return {
        "medium": way.way.medium.value,
        "channels": list(way.way.channels),
        "kinds": list(way.kinds),
        "repeat_minutes": way.way.repeat_minutes,
        "uncertain": way.way.uncertain,
        "audience": way.way.audience,
        **_waiting(way),
        "count": way.count,
        "people": way.people,
        "unchanged": way.unchanged,
        "groups": [
            {
                "text": group.text.name,
                "count": len(group.endpoints),
                "sha256": sha256("\n".join(group.endpoints).encode()),
            }
            for group in way.groups
        ],
    }


def _waiting(way: PlannedWay) -> dict[str, Any]:
    """What only some ways have: weights, the answers they ask for, and whom they stand in for after how long."""
    wanted = way.way.answers
    stands = [[one, *theirs] for one, theirs in sorted(way.stands_for.items())]
    return {
        **({"weights": list(way.way.weights)} if way.way.weights else {}),
        **({"answers": [wanted.within_minutes, wanted.percent, wanted.counted, *wanted.then]} if wanted else {}),
        **({"wait_minutes": way.wait_minutes, "stands_for": digest_of({"of": stands})} if stands else {}),
    }


def wave_manifest(wave: PlannedWave) -> dict[str, Any]:
    """The part of the manifest that one wave's own digest covers."""
    return {
        "id": wave.id,
        "flow": wave.flow,
        "standing": wave.standing,
        "steps": [{"id": step.id, "roles": list(step.roles), "quorum": step.quorum} for step in wave.steps],
        "lane": int(wave.lane),
        "ways": [_way(way) for way in wave.ways],
    }


def manifest(
    content: Content,
    *,
    world: str,
    warning: str,
    pack: str,
    content_json: Mapping[str, Any],
    waves: Sequence[PlannedWave],
    artefacts: Mapping[str, Artefact],
) -> dict[str, Any]:
    """Everything that will go out, as plain JSON. `content_json` is the bulletin's content as stored."""
    return {
        "version": VERSION,
        "world": world,
        "mode": content.mode.value,
        "act": content.act.value,
        "warning": warning,
        "pack": pack,
        "content": digest_of(content_json),
        "sections": [{"level": section.level, "areas": list(section.areas)} for section in content.sections],
        "expires": content.expires.isoformat(),
        "until_lifted": content.until_lifted,
        "waves": [wave_manifest(wave) for wave in waves],
        "artefacts": [
            {
                "name": name,
                "kind": one.kind,
                "section": one.section,
                "language": one.language,
                "media_type": one.media_type,
                "sha256": bound(one),
            }
            for name, one in sorted(artefacts.items())
        ],
    }
