"""How do the parts become one running hub? The composition root: opens everything, and closes it in reverse order."""

from dataclasses import dataclass

import structlog

from channels.sandbox import Sandbox
from publisher.first_start import Started
from publisher.work.context import Hub
from publisher.work.deliver import Worker

log = structlog.get_logger()


class CannotStart(Exception):
    """The hub cannot run as set; the message says what to change."""


@dataclass
class Running:
    """A hub that is up: what tests and the story drive."""

    hub: Hub
    worker: Worker
    started: Started
    sandbox: Sandbox | None
    moved: bool = False
