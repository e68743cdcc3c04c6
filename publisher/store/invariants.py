"""Does what the tables say keep the hub's promises? Each invariant as a question that must find nothing.

The numbers are those of the README's guarantee. Asked of a live database or after a fault; nothing is changed.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select, text

from publisher.model.states import LADDER
from publisher.store import ledger
from publisher.store.coverage import members
from publisher.store.database import Tx
from publisher.store.tables import artefact

_OUT = "('released', 'superseded', 'lifted', 'retracted', 'lapsed')"
_GOT = "('accepted', 'delivered', 'shown', 'acknowledged')"
_RUNG = " ".join(f"WHEN '{state}' THEN {rung}" for state, rung in LADDER.items())
MOST_NAMED = 20
"""So many breaches of one invariant are named; more of the same would hide the others."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise: which, about what, and how."""

    name: str
    subject: str
    says: str

    def __str__(self) -> str:
        return f"{self.name} {self.subject}: {self.says}"


@dataclass(frozen=True, slots=True)
class Rule:
    """`sql` gives (subject, says) of each breach. `{members}` stands for the endpoint ids of batch `b` as `m.value`."""

    name: str
    promise: str
    sql: str


RULES: tuple[Rule, ...] = (
    Rule(
        "I1",
        "every planned endpoint of an ended batch has its row, or is a member of a batch still to come",
        """
        SELECT b.id, 'member ' || m.value || ' has no delivery and no batch to come' FROM batch AS b, {members}
        WHERE b.released AND (b.state = 'done' OR (b.state = 'stopped' AND b.accounted))
          AND NOT EXISTS (SELECT 1 FROM delivery AS d WHERE d.wave = b.wave AND d.endpoint = m.value
                          AND d.occurrence = b.occurrence)
          AND NOT EXISTS (
              SELECT 1 FROM batch AS c, {others} WHERE c.wave = b.wave AND c.occurrence = b.occurrence AND c.id <> b.id
              AND o.value = m.value AND (c.state IN ('ready', 'leased', 'quarantined') OR NOT c.accounted))
        """,
    ),
    Rule(
        "I1",
        "nobody is added: a delivery's endpoint is a member of a batch of its wave",
        """
        SELECT d.id, d.endpoint || ' is in no batch of ' || d.wave FROM delivery AS d
        WHERE NOT EXISTS (SELECT 1 FROM batch AS b, {members} WHERE b.wave = d.wave AND b.occurrence = d.occurrence
                          AND m.value = d.endpoint)
        """,
    ),
    Rule(
        "I1",
        "an accounted batch has no open delivery",
        """
        SELECT d.id, 'is still ' || d.state || ' in accounted batch ' || b.id FROM delivery AS d
        JOIN batch AS b ON b.id = d.batch WHERE b.accounted AND d.state = 'sending'
        """,
    ),
    Rule(
        "I4",
        "no try started before its wave was released, and no wave was released before its approvals",
        """
        SELECT d.id, 'was tried before its wave was released' FROM attempt AS a JOIN delivery AS d ON d.id = a.delivery
        JOIN wave AS w ON w.id = d.wave WHERE w.released IS NULL OR a.started < w.released
        """,
    ),
    Rule(
        "I4",
        "no message of the hub's own was tried before it was written down",
        """
        SELECT d.id, 'was tried without its notice' FROM attempt AS a JOIN delivery AS d ON d.id = a.delivery
        JOIN batch AS b ON b.id = d.batch LEFT JOIN notice AS n ON n.id = d.wave
        WHERE b.purpose <> 'warning' AND (n.id IS NULL OR a.started < n.created)
        """,
    ),
    Rule(
        "I4",
        "no yes came after the release it allowed",
        """
        SELECT w.id, 'was signed by ' || p.officer || ' only after its release' FROM approval AS p
        JOIN wave AS w ON w.id = p.wave WHERE NOT p.void AND w.released IS NOT NULL AND p.at > w.released
        """,
    ),
    Rule(
        "I5",
        "no try started after the text expired",
        """
        SELECT d.id, 'was tried after its text expired' FROM attempt AS a JOIN delivery AS d ON d.id = a.delivery
        JOIN batch AS b ON b.id = d.batch WHERE a.started >= b.expires
        """,
    ),
    Rule(
        "I6",
        "every counted yes is bound to what was released",
        """
        SELECT p.bulletin, p.officer || ' signed another text than was released' FROM approval AS p
        JOIN release AS r ON r.bulletin = p.bulletin WHERE NOT p.void AND p.digest <> r.digest
        """,
    ),
    Rule(
        "I6",
        "every step of a released wave is done",
        """
        SELECT s.id, 'is ' || s.state || ' though its wave was released' FROM step AS s
        JOIN wave AS w ON w.id = s.wave WHERE w.state = 'released' AND s.state <> 'done'
        """,
    ),
    Rule(
        "I7",
        "on one endpoint no try of an older version starts after one of a newer",
        """
        WITH tried AS (
            SELECT d.warning AS warning, d.endpoint AS endpoint, d.version AS version,
                   MIN(a.started) AS first, MAX(a.started) AS last
            FROM attempt AS a JOIN delivery AS d ON d.id = a.delivery GROUP BY 1, 2, 3)
        SELECT o.warning, o.endpoint || ': version ' || CAST(o.version AS VARCHAR) || ' was tried after version '
               || CAST(n.version AS VARCHAR)
        FROM tried AS o JOIN tried AS n ON n.warning = o.warning AND n.endpoint = o.endpoint AND n.version > o.version
        WHERE o.last > n.first
        """,
    ),
    Rule(
        "I8",
        "whoever got or may have got a warning is told of its end",
        f"""
        SELECT e.id, d.endpoint || ' has version ' || CAST(d.version AS VARCHAR) || ' and is not told of the end'
        FROM bulletin AS e JOIN delivery AS d ON d.warning = e.warning AND d.version < e.version
        WHERE e.act IN ('lift', 'retract') AND e.released IS NOT NULL AND d.created < e.released
          AND (d.state IN {_GOT} OR d.uncertain)
          AND NOT EXISTS (SELECT 1 FROM batch AS b, {{members}} WHERE b.bulletin = e.id AND m.value = d.endpoint)
        """,
    ),
    Rule(
        "I10",
        "a bulletin is out exactly when there is one decision about it",
        f"""
        SELECT b.id, 'is ' || b.state || ' without a release' FROM bulletin AS b
        WHERE (b.state IN {_OUT} OR b.released IS NOT NULL)
          AND NOT EXISTS (SELECT 1 FROM release AS r WHERE r.bulletin = b.id) AND b.state <> 'lapsed'
        UNION ALL
        SELECT b.id, 'has a release but is ' || b.state FROM release AS r JOIN bulletin AS b ON b.id = r.bulletin
        WHERE b.state NOT IN {_OUT}
        """,
    ),
    Rule(
        "I11",
        "nothing is sent to an endpoint of another mode",
        """
        SELECT d.id, 'went to ' || e.mode || ' endpoint ' || e.id || ' in mode ' || COALESCE(b.mode, n.mode)
        FROM delivery AS d JOIN endpoint AS e ON e.id = d.endpoint
        LEFT JOIN bulletin AS b ON b.id = d.bulletin LEFT JOIN notice AS n ON n.id = d.bulletin
        WHERE d.tries > 0 AND e.mode <> COALESCE(b.mode, n.mode)
        """,
    ),
    Rule(
        "I12",
        "only released bytes were sent",
        """
        SELECT d.id, 'was sent bytes that are not in its release' FROM attempt AS a JOIN delivery AS d ON d.id = a.delivery
        WHERE a.sha256 <> '' AND NOT EXISTS (
            SELECT 1 FROM artefact AS f WHERE f.bulletin = d.bulletin AND f.final_hash = a.sha256)
        """,
    ),
    Rule(
        "I13",
        "no state is stronger than the evidence for it",
        f"""
        SELECT d.id, 'is ' || d.state || ' without evidence' FROM delivery AS d
        WHERE d.state IN {_GOT}
          AND NOT EXISTS (
            SELECT 1 FROM attempt AS a WHERE a.delivery = d.id AND a.state = 'sent'
            AND (d.state = 'accepted' OR (d.state = 'shown' AND a.reason = 'shown')))
          AND NOT EXISTS (
            SELECT 1 FROM evidence AS e WHERE e.delivery = d.id AND e.state <> 'failed'
            AND CASE e.state {_RUNG} ELSE 0 END >= CASE d.state {_RUNG} ELSE 0 END)
        """,
    ),
    Rule(
        "I13",
        "a doubt is marked: nothing waits unmarked for an answer that nobody will hear",
        """
        SELECT d.id, 'is left open without the mark' FROM delivery AS d
        WHERE d.state = 'sending' AND d.stage = 'left' AND NOT d.uncertain
        """,
    ),
    Rule(
        "I14",
        "every release stands in the ledger",
        """
        SELECT r.bulletin, 'was released without a line in the ledger' FROM release AS r
        WHERE NOT EXISTS (SELECT 1 FROM ledger AS l WHERE l.subject = r.bulletin AND l.act = 'bulletin.release')
        """,
    ),
)

PROMISES: Mapping[str, str] = {rule.name: rule.promise for rule in reversed(RULES)}


async def check(tx: Tx) -> tuple[Violation, ...]:
    """Every breach, at most twenty of each rule, in the order of the rules."""
    found = [one for rule in RULES for one in await _asked(tx, rule)]
    found += [one async for one in _bytes(tx)]
    _, breaks = await ledger.verify(tx)
    found += [Violation("I14", f"ledger row {one.seq}", one.says) for one in breaks[:MOST_NAMED]]
    return tuple(found)


async def _asked(tx: Tx, rule: Rule) -> list[Violation]:
    dialect = tx.dialect.name
    sql = rule.sql.replace("{members}", members(dialect)).replace("{others}", members(dialect, "c.endpoints", "o"))
    rows = await tx.execute(text(f"SELECT * FROM ({sql}) AS breach LIMIT {MOST_NAMED}"))
    return [Violation(rule.name, str(row[0]), str(row[1])) for row in rows]


async def _bytes(tx: Tx) -> AsyncIterator[Violation]:
    """I12 on the bytes themselves: the final ones are what their hash says."""
    wanted = select(artefact.c.bulletin, artefact.c.name, artefact.c.final, artefact.c.final_hash)
    async for row in await tx.stream(wanted.where(artefact.c.final.is_not(None))):
        if hashlib.sha256(row.final).hexdigest() != row.final_hash:
            yield Violation("I12", f"{row.bulletin} {row.name}", "final bytes differ from the hash of the release")
