"""Which stories end at the door? What a hub would refuse whatever it holds is told without opening one."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from publisher.core.demo import load_demo
from publisher.core.packs import load
from publisher.intake.judge import judge
from publisher.model.received import Received
from publisher.pack_files import version_files
from publisher.story.options import MEDIA_TYPE, Options
from publisher.story.result import AlertOut, FindingOut, Story


def at_the_door(raw: bytes, options: Options) -> Story | None:
    """The whole story of a message that its format or the pack refuses; None for one that must be played.

    Raises LookupError for a source or pack that is not there, NotAPackFolder and PackRefused.
    """
    started = time.monotonic()
    files = version_files(options.pack)
    pack = load(files)
    source = options.source_among({one.id: one for one in load_demo(files, pack).sources})
    now = options.plays_at(raw, source) or datetime.now(UTC)
    got = judge(raw, source, pack, MEDIA_TYPE, now, anywhere=options.anywhere).answer()
    return refused(got, started) if got.content is None else None


def refused(got: Received, started: float, reasons: Sequence[str] = ()) -> Story:
    """The story ends at intake or at submission: every reason is told."""
    why = [f"{one.path}: {one.message}" for one in got.findings if one.refuses]
    return Story(alert=alert_out(got), refused=[*why, *reasons], seconds=since(started))


def alert_out(got: Received) -> AlertOut:
    """What became of the incoming message, in the published shape."""
    findings = [
        FindingOut(code=one.code, layer=one.layer, refuses=one.refuses, path=one.path, message=one.message)
        for one in got.findings
    ]
    return AlertOut.model_validate({"outcome": got.outcome, "findings": findings})


def since(started: float) -> float:
    """Seconds from `started`, a reading of the monotonic clock."""
    return round(time.monotonic() - started, 3)
