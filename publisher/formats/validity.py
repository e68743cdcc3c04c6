"""Is an alert still, and for a sensible time, in force?"""

from collections.abc import Iterator
from datetime import datetime

from publisher.formats.codes import finding
from publisher.formats.limits import Limits
from publisher.model.alert import Alert
from publisher.model.finding import Finding


def check(alert: Alert, now: datetime | None, limits: Limits) -> Iterator[Finding]:
    """Findings of the layer policy; `now` is aware, and None when nobody asks about the present."""
    for nth, info in enumerate(alert.infos, 1):
        path = f"/alert/info[{nth}]/expires"
        if info.expires is None:
            continue
        if now is not None and info.expires <= now:
            yield finding("ALREADY_EXPIRED", path, f"It expired {info.expires.isoformat()}. Send one that still holds.")
        starts = info.effective or alert.sent
        if starts is not None and info.expires - starts > limits.max_validity:
            days = (info.expires - starts).total_seconds() / 86_400
            message = f"It would hold for {days:.1f} days; at most {limits.max_validity.days} are usual."
            yield finding("DURATION_TOO_LONG", path, f"{message} Shorten it, or renew it in time.")
