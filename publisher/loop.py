"""Which event loop does the hub run on? uvloop's where there is one: each call out or in costs it a sixth less."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """What `work` comes to, on a loop of its own."""
    try:
        from uvloop import run as quickly
    except ImportError:
        return asyncio.run(work)
    return quickly(work)
