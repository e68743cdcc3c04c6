"""What do the rows say about who was reached? Set-wise counts; no row of a delivery is loaded."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, TextClause, bindparam, text
from sqlalchemy import Text as Words

from publisher.model.coverage import QUEUED, Coverage, Line, Shown, cover
from publisher.model.evidence import MAY_HAVE
from publisher.model.states import LADDER
from publisher.store.database import Tx

_EACH = {"sqlite": "json_each({0}) AS {1}", "postgresql": "jsonb_array_elements_text({0}) AS {1}(value)"}
_RUNG = " ".join(f"WHEN d.state = '{state}' THEN {rung}" for state, rung in LADDER.items())
_ARRIVED = "('shown', 'acknowledged')"

_BEST = f"""
    SELECT d.endpoint AS endpoint, d.channel AS channel, d.state AS state, d.uncertain AS uncertain, d.people AS people,
           ROW_NUMBER() OVER (PARTITION BY d.endpoint ORDER BY CASE {_RUNG} ELSE -1 END DESC, d.occurrence DESC, d.id)
           AS place
    FROM delivery AS d WHERE d.bulletin = :bulletin
"""
_NEWEST = """
SELECT id, version FROM bulletin WHERE warning = :warning AND released IS NOT NULL ORDER BY version DESC LIMIT 1
"""
_LINES = f"""
WITH member AS (
    SELECT DISTINCT b.medium AS medium, m.value AS endpoint,
           FIRST_VALUE(b.channels ->> b.position) OVER (PARTITION BY m.value ORDER BY b.occurrence, b.id) AS channel
    FROM batch AS b, {{members}} WHERE b.bulletin = :bulletin AND b.released
), best AS ({_BEST})
SELECT m.medium AS medium, COALESCE(e.unit, '') AS unit, COALESCE(best.channel, m.channel) AS channel,
       COALESCE(best.state, '{QUEUED}') AS state, COALESCE(best.uncertain, FALSE) AS uncertain,
       COUNT(*) AS endpoints, COALESCE(SUM(best.people), 0) AS people
FROM member AS m LEFT JOIN best ON best.endpoint = m.endpoint AND best.place = 1
     LEFT JOIN endpoint AS e ON e.id = m.endpoint
GROUP BY 1, 2, 3, 4, 5
"""
# A screen that fetched the newest with its own key shows it: it has no older list to go by.
_STILL = f"""
SELECT d.endpoint AS endpoint, d.medium AS medium, COALESCE(MAX(e.unit), '') AS unit,
       MAX(CASE WHEN d.state IN {_ARRIVED} THEN d.version END) AS version
FROM delivery AS d LEFT JOIN endpoint AS e ON e.id = d.endpoint
WHERE d.warning = :warning AND d.medium = 'screen' AND (d.state IN {_ARRIVED} OR d.state = 'delivered')
GROUP BY d.endpoint, d.medium HAVING MAX(d.version) < :version
       AND MAX(CASE WHEN d.state IN {_ARRIVED} THEN d.version END) IS NOT NULL ORDER BY d.endpoint
"""
_MAY_HAVE = f"""
SELECT DISTINCT d.endpoint FROM delivery AS d WHERE d.warning = :warning AND d.version < :version AND {MAY_HAVE}
"""
_TO_COME = """
SELECT DISTINCT m.value AS endpoint, v.version AS version FROM batch AS b JOIN bulletin AS v ON v.id = b.bulletin, {members}
WHERE b.warning = :warning AND v.version < :version AND b.current AND b.state IN ('ready', 'leased', 'quarantined')
ORDER BY 1, 2
"""


def best() -> str:
    """SQL for the deliveries of `:bulletin` with their `place`: 1 is the strongest evidence that an endpoint has."""
    return _BEST


def members(dialect: str, column: str = "b.endpoints", name: str = "m") -> str:
    """The elements of a JSON column as a table with the column `value`."""
    return _EACH[dialect].format(column, name)


def _said(sql: str, *names: str) -> TextClause:
    return text(sql).bindparams(*(bindparam(name, type_=Words()) for name in names))


async def _rows(tx: Tx, sql: str, **values: Any) -> Sequence[Row[Any]]:
    names = [name for name, value in values.items() if isinstance(value, str)]
    return (await tx.execute(_said(sql, *names), values)).all()


def _line(row: Row[Any]) -> Line:
    return Line(row.medium, row.unit, row.channel, row.state, bool(row.uncertain), row.endpoints, row.people)


async def coverage(tx: Tx, warning: str) -> Coverage:
    """The account of the newest version of `warning` that went out. Raises LookupError when none did."""
    newest = await _rows(tx, _NEWEST, warning=warning)
    if not newest:
        raise LookupError(f"nothing of warning {warning} has been released")
    bulletin, version = newest[0].id, newest[0].version
    found = await _rows(tx, _LINES.replace("{members}", members(tx.dialect.name)), bulletin=bulletin)
    lines = [_line(row) for row in found]
    old = await _rows(tx, _STILL, warning=warning, version=version)
    still = [Shown(row.endpoint, row.medium, row.unit, row.version) for row in old]
    return cover(warning, bulletin, version, lines, still)


async def may_have(tx: Tx, warning: str, before: int) -> frozenset[str]:
    """Endpoints that got, or may have got, a version older than `before`: whom a withdrawal must tell."""
    return frozenset(row.endpoint for row in await _rows(tx, _MAY_HAVE, warning=warning, version=before))


async def to_come(tx: Tx, warning: str, before: int) -> Sequence[tuple[str, int]]:
    """(endpoint, version) of what batches of versions older than `before` may still be sent."""
    sql = _TO_COME.replace("{members}", members(tx.dialect.name))
    return [(row.endpoint, row.version) for row in await _rows(tx, sql, warning=warning, version=before)]
