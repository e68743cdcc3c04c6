"""What do the hands share? The open database, packs, channels, templates and keys of one running hub."""

from dataclasses import dataclass, field
from pathlib import Path

from publisher.model.pack import Pack
from publisher.model.words import World
from publisher.store.database import Database
from publisher.store.versions import Packs
from publisher.work.bell import Ring
from publisher.work.channels import Channels


@dataclass(frozen=True, slots=True)
class Keys:
    """The hub's CAP signing key (P-256) and certificate, PEM."""

    key: bytes
    certificate: bytes


@dataclass(frozen=True, slots=True)
class Hub:
    """One running hub, as web, intake and work see it. `public_url` has no trailing slash."""

    db: Database
    packs: Packs
    channels: Channels
    bell: Ring
    keys: Keys
    world: World
    public_url: str
    font: Path
    templates: tuple[Path, ...]
    extra: dict[str, Pack] = field(default_factory=dict)
