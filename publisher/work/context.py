"""What do the hands share? The open database, packs, channels, templates and keys of one running hub."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from publisher.model.pack import Pack
from publisher.model.words import World
from publisher.render.notices import NoticeTexts, notice_texts_of
from publisher.render.pages import Pages
from publisher.render.texts import Texts, read_templates, texts_of
from publisher.store.database import Database
from publisher.store.vault import Vault
from publisher.store.versions import Packs
from publisher.work.bell import Bells
from publisher.work.channels import Channels


@dataclass(frozen=True, slots=True)
class Keys:
    """The hub's CAP signing key (P-256) and certificate, and the key that seals short public files (Ed25519), all PEM.

    `vault`: 32 bytes that seal people's numbers and second factors in the database (`store.vault`).
    """

    key: bytes
    certificate: bytes
    display: bytes
    vault: bytes


@dataclass(frozen=True)
class Hub:
    """One running hub, as web, intake and work see it. Addresses have no trailing slash.

    `console_url`: where officers reach a listener of their own; empty where they work at the public address. `approve_url`:
    the same for people who only sign; empty where they sign at the console. `drill_url`: where the console is a drill desk;
    empty where there is none. `hosts`: more host names under which the console is reached.
    """

    db: Database
    packs: Packs
    channels: Channels
    bell: Bells
    keys: Keys
    world: World
    public_url: str
    font: Path
    templates: Path
    console_url: str = ""
    approve_url: str = ""
    drill_url: str = ""
    hosts: tuple[str, ...] = ()
    _texts: dict[str, Texts] = field(default_factory=dict)
    _notices: dict[str, NoticeTexts] = field(default_factory=dict)

    @cached_property
    def vault(self) -> Vault:
        """Seals what the database must not tell."""
        return Vault(self.keys.vault)

    @property
    def desk_url(self) -> str:
        """Where officers work."""
        return self.console_url or self.public_url

    @property
    def sign_url(self) -> str:
        """Where people sign."""
        return self.approve_url or self.desk_url

    def __post_init__(self) -> None:
        """Lend the vault to whoever sends: addresses are opened at the moment of the call."""
        self.channels.vault = Vault(self.keys.vault)

    @cached_property
    def own_templates(self) -> dict[str, str]:
        """The message templates that ship with the hub."""
        return read_templates(self.templates)

    @cached_property
    def pages(self) -> Pages:
        """The public pages' templates."""
        return Pages((self.templates,))

    def texts(self, pack: Pack) -> Texts:
        """The checked templates of one pack version: the hub's own, with the pack's in their place where it has some."""
        if pack.hash not in self._texts:
            self._texts[pack.hash] = texts_of({**self.own_templates, **pack.templates})
        return self._texts[pack.hash]

    def notice_texts(self, pack: Pack) -> NoticeTexts:
        """The checked templates of the hub's own messages, the pack's in their place where it has some."""
        if pack.hash not in self._notices:
            self._notices[pack.hash] = notice_texts_of({**self.own_templates, **pack.templates})
        return self._notices[pack.hash]
