"""What must an operator say about rooms and apps reached through Apprise?"""

from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from channels.http import SEND, WITHHELD, Address, Common

OVER_TLS = frozenset(
    {"barks", "dingtalk", "feishu", "gotifys", "jsons", "lark", "line", "matrixs", "mattermosts", "msteams", "ntfys"}
    | {"pover", "pushdeers", "rocketchats", "schan", "slack", "tgram", "threema", "wecombot", "workflows", "wxpusher"}
    | {"xmls", "zulip"}
)
"""Apprise services that call over TLS. Those that run programs, write files or send mail as this machine are not for us."""
INSIDE = frozenset(
    {"bark", "gotify", "json", "matrix", "mattermost", "ntfy", "pushdeer", "rocketchat", "xml"},
)
"""The same without TLS: for our own network only."""


class Config(Common):
    """`services`: name -> Apprise address; the name is what an endpoint's address says, the rest is secret.

    `private`: addresses without TLS are meant, on a network of our own. `probe_url`: what a probe fetches.
    """

    services: Annotated[dict[str, SecretStr], SEND] = Field(min_length=1)
    private: bool = False
    probe_url: Address | None = None

    @model_validator(mode="after")
    def _safe(self) -> Self:
        allowed = OVER_TLS | INSIDE if self.private else OVER_TLS
        wrong = sorted(name for name, one in self.services.items() if _scheme(one) not in {*allowed, WITHHELD})
        if wrong:
            raise ValueError(f"services: {', '.join(wrong)}: of none of these: {', '.join(sorted(allowed))}")
        return self


def _scheme(address: SecretStr) -> str:
    return address.get_secret_value().partition("://")[0].lower()
