"""How does the hub write its log? One line an event on standard error, exceptions as plain tracebacks.

The library's own default draws every local variable of every frame: with a policy pack among them one logged exception
stops the event loop for half a minute.
"""

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Set up logging for this process. `level` is a name of the standard levels; an unknown one means info."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    console = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            console,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        # Standard error as it is at that moment: whoever captures it puts another file in its place.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
