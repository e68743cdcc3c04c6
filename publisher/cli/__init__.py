"""What can be asked of Tocsin at a shell? Exit codes: 0 ok, 1 the thing asked about is bad (with reasons), 2 usage.

One module a verb or a group of verbs. Heavy modules are imported by the command that needs them, so that a refusal
comes at once.
"""

import gc
import os

import typer

from publisher.cli.areas import areas
from publisher.cli.audit import audit
from publisher.cli.backup import backup, restore
from publisher.cli.breakglass import breakglass
from publisher.cli.channel import channel
from publisher.cli.check import check
from publisher.cli.contact import contact
from publisher.cli.display import display
from publisher.cli.drill import drill
from publisher.cli.duty import duty
from publisher.cli.endpoint import endpoint
from publisher.cli.key import key
from publisher.cli.officer import officer
from publisher.cli.policy import policy
from publisher.cli.read import read
from publisher.cli.screen import screen
from publisher.cli.serve import serve
from publisher.cli.source import source
from publisher.cli.story import story
from publisher.cli.token import token

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="A public-warning publication hub."
)
for verb in (serve, read, story, check, backup, restore, breakglass, display):
    app.command()(verb)
for group, name in (
    (policy, "policy"),
    (audit, "audit"),
    (drill, "drill"),
    (channel, "channel"),
    (screen, "screen"),
    (officer, "officer"),
    (source, "source"),
    (contact, "contact"),
    (endpoint, "endpoint"),
    (duty, "duty"),
    (token, "token"),
    (key, "key"),
    (areas, "areas"),
):
    app.add_typer(group, name=name)


@app.callback()
def every_command() -> None:
    """Logs go to standard error: what a command prints can be read by a program."""
    from publisher import logs

    logs.configure(os.environ.get("TOCSIN_LOG_LEVEL", "warning"))


YOUNG_OBJECTS = 50_000
"""New objects before the collector looks: a start makes half a million that stay, and each look would go over them."""


def main() -> None:
    """The console script."""
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
    app()
