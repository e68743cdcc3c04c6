"""How far did a bulletin get, how fast, and what still shows the old text? Set-wise; no row of a delivery is loaded
but those of the list that a person must work through.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, TextClause, bindparam, text
from sqlalchemy import Text as Words

from publisher.model.coverage import ARRIVED, Left, Speed
from publisher.model.evidence import MAY_HAVE
from publisher.store.coverage import best, members
from publisher.store.database import Tx

_SEEN = "('delivered', 'shown', 'acknowledged')"
_AREAS = {
    "sqlite": "json_each(e.body, '$.areas') AS a",
    "postgresql": "jsonb_array_elements_text(e.body -> 'areas') AS a(value)",
}
_BY_AREA = """
WITH member AS (SELECT DISTINCT m.value AS endpoint FROM batch AS b, {members} WHERE b.bulletin = :bulletin AND b.released),
best AS ({best})
SELECT a.value AS area, COUNT(*) AS planned, SUM(CASE WHEN best.state IN {arrived} THEN 1 ELSE 0 END) AS reached,
       SUM(CASE WHEN best.state = 'acknowledged' THEN 1 ELSE 0 END) AS acknowledged,
       SUM(CASE WHEN best.uncertain THEN 1 ELSE 0 END) AS uncertain
FROM member LEFT JOIN best ON best.endpoint = member.endpoint AND best.place = 1
     JOIN endpoint AS e ON e.id = member.endpoint, {areas}
GROUP BY a.value ORDER BY a.value
"""
_SPEED = f"""
WITH first AS (
    SELECT d.endpoint AS endpoint, MIN(t.at) - MAX(w.released) AS took
    FROM delivery AS d JOIN wave AS w ON w.id = d.wave
    JOIN (SELECT e.delivery AS delivery, e.at AS at FROM evidence AS e WHERE e.state IN {_SEEN}
          UNION ALL
          SELECT a.delivery, a.ended FROM attempt AS a WHERE a.state = 'sent' AND a.reason = 'shown') AS t
      ON t.delivery = d.id
    WHERE d.bulletin = :bulletin GROUP BY d.endpoint
), placed AS (SELECT took, ROW_NUMBER() OVER (ORDER BY took) AS place, COUNT(*) OVER () AS many FROM first)
SELECT MAX(many) AS many,
       MIN(CASE WHEN place * 100 >= many * 50 THEN took END) AS p50,
       MIN(CASE WHEN place * 100 >= many * 95 THEN took END) AS p95,
       MIN(CASE WHEN place * 100 >= many * 99 THEN took END) AS p99
FROM placed
"""
_FIRST = _SPEED[: _SPEED.index("), placed")] + ")"
_OVER_TIME = _FIRST + " SELECT took / :step AS slot, COUNT(*) AS many FROM first GROUP BY 1 ORDER BY 1"
_LEFT = f"""
WITH old AS (
    SELECT d.endpoint AS endpoint, d.medium AS medium, MAX(d.version) AS version,
           MAX(CASE WHEN d.state IN {_SEEN} THEN 1 ELSE 0 END) AS certain
    FROM delivery AS d WHERE d.warning = :warning AND d.version < :version AND {MAY_HAVE} GROUP BY d.endpoint, d.medium
), new AS (
    SELECT d.endpoint AS endpoint, MAX(CASE WHEN d.state IN {_SEEN} THEN 2 WHEN d.state = 'accepted' THEN 1 ELSE 0 END)
           AS got
    FROM delivery AS d WHERE d.bulletin = :bulletin GROUP BY d.endpoint
), member AS (SELECT DISTINCT m.value AS endpoint FROM batch AS b, {{members}} WHERE b.bulletin = :bulletin AND b.released)
SELECT old.endpoint AS endpoint, old.medium AS medium, COALESCE(e.unit, '') AS unit, COALESCE(e.contact, '') AS contact,
       old.version AS version, old.certain AS certain, COALESCE(new.got, 0) AS got
FROM old JOIN member ON member.endpoint = old.endpoint LEFT JOIN new ON new.endpoint = old.endpoint
     LEFT JOIN endpoint AS e ON e.id = old.endpoint
WHERE COALESCE(new.got, 0) < CASE WHEN old.medium IN ('screen', 'station') THEN 2 ELSE 1 END
  AND NOT EXISTS (SELECT 1 FROM closure AS c WHERE c.warning = :warning AND c.endpoint = old.endpoint
                  AND c.version = :version)
ORDER BY old.certain DESC, old.medium, old.endpoint LIMIT {{limit}}
"""
_REASONS = f"""
SELECT d.channel AS channel, d.state AS state, d.reason AS reason, d.uncertain AS uncertain, COUNT(*) AS many
FROM delivery AS d WHERE d.bulletin = :bulletin AND d.occurrence = 0
     AND (d.uncertain OR d.state IN ('failed', 'stopped', 'skipped'))
     AND NOT EXISTS (SELECT 1 FROM delivery AS a WHERE a.wave = d.wave AND a.endpoint = d.endpoint AND a.occurrence > 0
                     AND (a.state IN {_SEEN} OR a.state = 'accepted' AND d.state = 'sending'))
GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 3 LIMIT 20
"""
MOST_LEFT = 2000


def _said(sql: str, *names: str) -> TextClause:
    return text(sql).bindparams(*(bindparam(name, type_=Words()) for name in names))


async def by_area(tx: Tx, bulletin: str) -> Sequence[Mapping[str, Any]]:
    """Endpoints planned, reached, acknowledged and uncertain in each place; one that serves two counts in both."""
    dialect = tx.dialect.name
    arrived = "(" + ", ".join(f"'{one}'" for one in sorted(ARRIVED)) + ")"
    sql = _BY_AREA.format(members=members(dialect), best=best(), arrived=arrived, areas=_AREAS[dialect])
    return [dict(row._mapping) for row in await tx.execute(_said(sql, "bulletin"), {"bulletin": bulletin})]


async def speed(tx: Tx, bulletin: str) -> Speed:
    """Seconds from the release of its wave to the first proof of arrival, over the endpoints that were reached."""
    row = (await tx.execute(_said(_SPEED, "bulletin"), {"bulletin": bulletin})).one()
    p50, p95, p99 = (None if one is None else round(int(one) / 1_000_000, 3) for one in (row.p50, row.p95, row.p99))
    return Speed(int(row.many or 0), p50, p95, p99)


async def over_time(tx: Tx, bulletin: str, *, step: float = 5.0) -> Sequence[tuple[float, int]]:
    """(seconds since the release of its wave, endpoints first reached within the `step` seconds before), in order."""
    values = {"bulletin": bulletin, "step": int(step * 1_000_000)}
    rows = await tx.execute(_said(_OVER_TIME, "bulletin"), values)
    return [((row.slot + 1) * step, row.many) for row in rows]


async def reasons(tx: Tx, bulletin: str) -> Sequence[Row[Any]]:
    """Why endpoints were not reached, with how many by channel, most first; without those a later send reached."""
    return (await tx.execute(_said(_REASONS, "bulletin"), {"bulletin": bulletin})).all()


async def left(tx: Tx, warning: str, bulletin: str, version: int) -> tuple[Left, ...]:
    """Who got or may have got an older text and is not known to have the newest; entries a person closed are gone."""
    sql = _LEFT.replace("{members}", members(tx.dialect.name)).replace("{limit}", str(MOST_LEFT))
    values = {"warning": warning, "bulletin": bulletin, "version": version}
    rows: Sequence[Row[Any]] = (await tx.execute(_said(sql, "warning", "bulletin"), values)).all()
    return tuple(
        Left(row.endpoint, row.medium, row.unit, row.contact, row.version, bool(row.certain), row.got == 1)
        for row in rows
    )
