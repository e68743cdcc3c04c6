"""What does the outside world hold? Accounts, every message that arrived somewhere, and what may go wrong."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Literal

from channels.sandbox.browsers import Browser
from channels.sandbox.faults import Rule, Rules
from channels.sandbox.postman import Postman

KINDS = (
    *("kannel", "twilio", "wechat_official", "wecom", "voice", "smpp", "webhook", "cap12379", "ebm", "email", "mqtt"),
    *("webpush", "apprise"),
)
State = Literal["accepted", "delivered", "failed", "recalled", "acknowledged"]


@dataclass(frozen=True, slots=True)
class Account:
    """One of the hub's accounts with a provider: the channel's name, its kind, its configuration in plain text."""

    channel: str
    kind: str
    config: Mapping[str, str]

    @property
    def names(self) -> tuple[str, str]:
        """What a rule may call it."""
        return self.channel, self.kind


@dataclass(slots=True)
class Letter:
    """One message as it arrived at one address. `people` is more than one for a tag or a party."""

    id: str
    account: Account
    address: str
    text: str
    title: str = ""
    link: str = ""
    people: int = 1
    state: State = "accepted"
    note: str = ""
    asked: Mapping[str, str] = field(default_factory=dict)
    """What else the hub asked for, such as how long the text is good for."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Sandbox:
    """The stateful outside world. `language` (`zh` or `en`) is that of its page.

    `people` is how many followers each tag has, members each party; `token_seconds` how long a token lives.
    """

    def __init__(
        self,
        accounts: Iterable[Account],
        hooks_base: str,
        *,
        quiet: bool = False,
        language: str = "zh",
        people: int = 100,
        token_seconds: int = 7200,
    ) -> None:
        self.accounts = tuple(accounts)
        self.postman = Postman(hooks_base, quiet)
        self.rules = Rules()
        self.letters: list[Letter] = []
        self.calls: list[str] = []
        self.language, self.people, self.token_seconds = language, people, token_seconds
        self.memory: dict[tuple[str, ...], Letter] = {}
        self.tokens: dict[str, tuple[str, float]] = {}
        self.over = asyncio.Event()
        self.reached = asyncio.Event()
        self.browsers: dict[str, Browser] = {}
        self.mail_port = 0
        self.centre_port = 0
        self.mass_quota = 100
        self._numbers = count(1_000_000_001)

    @classmethod
    def from_configs(
        cls,
        channels: Iterable[Mapping[str, object]],
        *,
        hooks_base: str,
        quiet: bool = False,
        language: str = "zh",
    ) -> "Sandbox":
        """A world for `[{name, kind, config}, …]`, the hub's own channels; kinds without a provider are left out."""
        accounts = [
            Account(str(c["name"]), str(c["kind"]), _plain(c["config"])) for c in channels if c["kind"] in KINDS
        ]
        return cls(accounts, hooks_base, quiet=quiet, language=language)

    def account(self, kind: str, **known: str) -> Account | None:
        """The account of `kind` whose configuration holds all of `known`."""
        for account in self.accounts:
            if account.kind == kind and known.items() <= account.config.items():
                return account
        return None

    def add(self, rule: Rule) -> None:
        """Let `rule` hold from now on, before all others."""
        self.rules.add(rule)

    def number(self) -> int:
        """A number not given before."""
        return next(self._numbers)

    def arrive(self, letter: Letter) -> Letter:
        """Keep `letter`; what was kept is what the page shows."""
        self.letters.append(letter)
        return letter

    def once(self, key: tuple[str, ...], make: Callable[[], Letter]) -> tuple[Letter, bool]:
        """The letter of `key`, made now unless it was before; and whether it was made now."""
        if key in self.memory:
            return self.memory[key], False
        self.memory[key] = made = self.arrive(make())
        return made, True

    def hook(self, account: Account) -> str:
        """The hub's own address for an account's events."""
        return f"{self.postman.base}/hooks/{account.channel}"

    async def settle(self) -> None:
        """Wait until every receipt due has been given."""
        await self.postman.settle()

    async def close(self) -> None:
        """End every silence and stop calling back."""
        self.over.set()
        await self.postman.close()


def _plain(config: object) -> dict[str, str]:
    if not isinstance(config, Mapping):
        raise TypeError("a channel's config must be a mapping")
    return {str(key): _shown(value) for key, value in config.items()}


def _shown(value: object) -> str:
    reveal = getattr(value, "get_secret_value", None)
    if isinstance(value, Mapping):
        return " ".join(f"{key}={_shown(inner)}" for key, inner in value.items())
    return str(reveal() if reveal else value)
