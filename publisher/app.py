"""How do the parts become one running hub? The composition root: opens everything, and closes it in reverse order."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from aiohttp import web

from channels.sandbox import Sandbox, sandbox_app
from publisher import first_start
from publisher.core.packs import PackRefused, load
from publisher.first_start import Started
from publisher.model.words import World
from publisher.settings import Settings, resource
from publisher.store.database import Database, DirectoryInUse
from publisher.store.versions import Packs
from publisher.web.app import make_app
from publisher.work import valkey
from publisher.work.bell import Bells
from publisher.work.channels import Channels
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
