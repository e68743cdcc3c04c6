"""How does an account end? Every planned endpoint of an ended batch gets its one row, and every open row its end.

never started                        -> stopped(superseded | lifted | retracted | expired)
certainly not sent, waiting to retry -> the same; failed(expired) when the text's own end came
may have been sent                   -> kept open, marked uncertain, until a receipt or the text's end: failed(uncertain)
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, select, update

from publisher.store.database import Tx
from publisher.store.tables import batch, delivery
from publisher.work.intend import delivery_id
from publisher.work.rows import lock, run

_MISSING = """
INSERT INTO delivery (id, batch, wave, bulletin, warning, version, endpoint, occurrence, medium, channel,
                      state, reason, detail, ref, uncertain, stage, tries, people, created, updated)
SELECT r.value ->> 0, b.id, b.wave, b.bulletin, b.warning, CAST(:version AS INTEGER), r.value ->> 1, b.occurrence,
       b.medium, CAST(:channel AS VARCHAR), 'stopped', CAST(:reason AS VARCHAR), '', '', FALSE, '', 0, NULL,
       CAST(:now AS BIGINT), CAST(:now AS BIGINT)
FROM {rows} AS r, batch AS b WHERE b.id = :batch
ON CONFLICT DO NOTHING
"""
_END = """
UPDATE delivery SET
    state = CASE WHEN stage = 'again' AND NOT uncertain THEN CAST(:ends AS VARCHAR)
                 WHEN CAST(:over AS INTEGER) = 1 THEN 'failed' ELSE state END,
    reason = CASE WHEN stage = 'again' AND NOT uncertain THEN CAST(:reason AS VARCHAR)
                  WHEN CAST(:over AS INTEGER) = 1 THEN 'uncertain' ELSE reason END,
    stage = CASE WHEN (stage = 'again' AND NOT uncertain) OR CAST(:over AS INTEGER) = 1 THEN '' ELSE 'left' END,
    uncertain = uncertain OR stage <> 'again',
    updated = CAST(:now AS BIGINT)
FROM {rows} AS r WHERE delivery.id = r.value ->> 0 AND delivery.state = 'sending'
"""


async def close(tx: Tx, row: Row[Any]) -> None:
    """Account for one batch row (joined with its bulletin's `version`, `over` = past its end, and `now`).

    Judged again here: another process may have closed it since it was read.
    """
    again = select(batch.c.id).where(batch.c.id == row.id, ~batch.c.accounted, batch.c.epoch == row.epoch)
    if (await tx.execute(again.with_for_update())).first() is None:
        return
    if row.state == "stopped":
        await _never_started(tx, row)
    await _open_rows(tx, row)
    left = exists().where(delivery.c.batch == row.id, delivery.c.state == "sending")
    still = bool((await tx.execute(select(left))).scalar())
    values: dict[str, bool | datetime] = {"lease_until": row.expires} if still else {"accounted": True}
    await tx.execute(update(batch).where(batch.c.id == row.id).values(**values))


async def _never_started(tx: Tx, row: Row[Any]) -> None:
    members = [[delivery_id(row.wave, one, row.occurrence), one] for one in row.endpoints]
    channel = row.channels[row.position]
    values = {"batch": row.id, "version": row.version, "channel": channel, "reason": row.reason, "now": row.now}
    await run(tx, _MISSING, members, **values)


async def _open_rows(tx: Tx, row: Row[Any]) -> None:
    wanted = select(delivery.c.id).where(delivery.c.batch == row.id, delivery.c.state == "sending")
    ids = list((await tx.execute(wanted)).scalars())
    if not ids:
        return
    await lock(tx, ids)
    ended = row.state == "stopped" and row.reason not in ("", "expired")
    values = {"ends": "stopped" if ended else "failed", "reason": row.reason if ended else "expired"}
    await run(tx, _END, [[one] for one in ids], over=int(row.over), now=row.now, **values)
