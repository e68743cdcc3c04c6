"""Does what the tables say keep the hub's promises? Each invariant as a question that must find nothing.

The numbers are those of the README's guarantee. Asked of a live database or after a fault; nothing is changed.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, text

from publisher.formats import bundle
from publisher.formats.bundle import Unsealed
from publisher.model.states import LADDER
from publisher.store import clock, ledger, presence
from publisher.store.clock import now_sql
from publisher.store.coverage import members
from publisher.store.database import Tx
from publisher.store.tables import artefact, batch, bulletin, page, warning
from publisher.store.types import micros

_OUT = "('released', 'superseded', 'lifted', 'retracted', 'lapsed')"
_GOT = "('accepted', 'delivered', 'shown', 'acknowledged')"
_RUNG = " ".join(f"WHEN '{state}' THEN {rung}" for state, rung in LADDER.items())
_SET_BACK = """
        WITH back AS MATERIALIZED (
            SELECT l.at - 10000000 AS low, l.high AS high FROM (
                SELECT at, MAX(at) OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS high FROM ledger
            ) AS l WHERE l.at < l.high - 1000000)"""
"""Hours that the hub lived through twice, because its clock was set back: the next act says so, ten seconds later at most."""
LATE = timedelta(seconds=5)
"""How long after its end a text may stand on a screen's page while a process is at work."""
MOST_NAMED = 20
"""So many breaches of one invariant are named; more of the same would hide the others."""


def _told_apart(one: str, other: str) -> str:
    """Whether two times can be put in order: not both lie in hours that were lived through twice."""
    return f"NOT EXISTS (SELECT 1 FROM back AS k WHERE {one} BETWEEN k.low AND k.high AND {other} BETWEEN k.low AND k.high)"


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
        LEFT JOIN (SELECT DISTINCT b.wave, b.occurrence, m.value FROM batch AS b, {members}) AS p
          ON p.wave = d.wave AND p.occurrence = d.occurrence AND p.value = d.endpoint
        WHERE p.value IS NULL
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
        "I2",
        "nobody is told twice: no delivery has two answers that say it went, unless a receipt or an officer asked for it",
        """
        SELECT d.id, d.endpoint || ' was told ' || CAST(COUNT(*) AS VARCHAR) || ' times' FROM attempt AS a
        JOIN delivery AS d ON d.id = a.delivery WHERE a.state = 'sent'
          AND NOT EXISTS (SELECT 1 FROM evidence AS e WHERE e.delivery = d.id AND e.state = 'failed')
          AND NOT EXISTS (SELECT 1 FROM ledger AS l WHERE l.subject = d.id AND l.act = 'delivery.resend')
        GROUP BY d.id, d.endpoint HAVING COUNT(*) > 1
        """,
    ),
    Rule(
        "I3",
        "whoever may have been told twice is marked: two sends with two references, one of them heard too late, and no mark",
        """
        SELECT d.id, d.endpoint || ' may have been told twice and is not marked' FROM attempt AS a
        JOIN delivery AS d ON d.id = a.delivery
        WHERE NOT d.uncertain AND d.tries > 1 AND (a.state = 'sent' OR (a.state = 'fenced' AND a.reason LIKE 'sent%'))
        GROUP BY d.id, d.endpoint
        HAVING COUNT(DISTINCT a.ref) > 1 AND SUM(CASE a.state WHEN 'fenced' THEN 1 ELSE 0 END) > 0
        """,
    ),
    Rule(
        "I4",
        "no try started before its wave was released, and no wave was released before its approvals",
        f"""{_SET_BACK}
        SELECT d.id, 'was tried before its wave was released' FROM attempt AS a JOIN delivery AS d ON d.id = a.delivery
        JOIN wave AS w ON w.id = d.wave
        WHERE w.released IS NULL OR (a.started < w.released AND {_told_apart("a.started", "w.released")})
        """,
    ),
    Rule(
        "I4",
        "no message of the hub's own was tried before it was written down",
        f"""{_SET_BACK}
        SELECT d.id, 'was tried without its notice' FROM attempt AS a JOIN delivery AS d ON d.id = a.delivery
        JOIN batch AS b ON b.id = d.batch LEFT JOIN notice AS n ON n.id = d.wave
        WHERE b.purpose <> 'warning'
          AND (n.id IS NULL OR (a.started < n.created AND {_told_apart("a.started", "n.created")}))
        """,
    ),
    Rule(
        "I4",
        "no yes came after the release it allowed",
        f"""{_SET_BACK}
        SELECT w.id, 'was signed by ' || p.officer || ' only after its release' FROM approval AS p
        JOIN wave AS w ON w.id = p.wave WHERE NOT p.void AND w.released IS NOT NULL AND p.at > w.released
          AND {_told_apart("p.at", "w.released")}
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
        JOIN release AS r ON r.bulletin = p.bulletin JOIN wave AS w ON w.id = p.wave
        WHERE NOT p.void AND p.digest <> CASE WHEN w.added IS NULL THEN r.digest ELSE w.digest END
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
        f"""{_SET_BACK}, tried AS (
            SELECT d.warning AS warning, d.endpoint AS endpoint, d.version AS version,
                   MIN(a.started) AS first, MAX(a.started) AS last
            FROM attempt AS a JOIN delivery AS d ON d.id = a.delivery GROUP BY 1, 2, 3)
        SELECT o.warning, o.endpoint || ': version ' || CAST(o.version AS VARCHAR) || ' was tried after version '
               || CAST(n.version AS VARCHAR)
        FROM tried AS o JOIN tried AS n ON n.warning = o.warning AND n.endpoint = o.endpoint AND n.version > o.version
        WHERE o.last > n.first AND {_told_apart("o.last", "n.first")}
        """,
    ),
    Rule(
        "I8",
        "whoever got or may have got a warning is told of its end",
        f"""
        SELECT e.id, d.endpoint || ' has version ' || CAST(d.version AS VARCHAR) || ' and is not told of the end'
        FROM bulletin AS e JOIN delivery AS d ON d.warning = e.warning AND d.version < e.version
        LEFT JOIN (SELECT DISTINCT b.bulletin, m.value FROM batch AS b, {{members}}) AS p
          ON p.bulletin = e.id AND p.value = d.endpoint
        WHERE e.act IN ('lift', 'retract') AND e.released IS NOT NULL AND d.created < e.released
          AND (d.state IN {_GOT} OR d.uncertain) AND p.value IS NULL
        """,
    ),
    Rule(
        "I9",
        "nobody is told of the end of what was never begun for them",
        """
        SELECT d.id, d.endpoint || ' is told of the end of what it was never sent' FROM delivery AS d
        JOIN bulletin AS e ON e.id = d.bulletin JOIN batch AS b ON b.id = d.batch
        WHERE e.act IN ('lift', 'retract') AND d.tries > 0 AND b.purpose = 'warning'
          AND d.medium IN ('sms', 'voice', 'wechat', 'wecom', 'email', 'app')
          AND b.provided <> 'all'
          AND NOT EXISTS (SELECT 1 FROM delivery AS o WHERE o.warning = d.warning AND o.endpoint = d.endpoint
                          AND o.version < d.version AND o.tries > 0)
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
        "I15",
        "a request that was answered keeps its answer, so that the same request gets the same again",
        """
        SELECT i.principal || ' ' || i.route || ' ' || i.key, 'was answered ' || CAST(i.status AS VARCHAR) || ' and lost it'
        FROM idempotency AS i WHERE i.status IS NOT NULL AND (i.answer IS NULL OR i.request = '')
        """,
    ),
    Rule(
        "I17",
        "no fact lives in Redis: what is due does not lie while a worker is here with free hands",
        """
        SELECT b.id, 'has been due for a minute, and a worker is here that holds nothing' FROM batch AS b, hub AS h
        WHERE b.state = 'ready' AND b.released AND b.current AND b.waits = '' AND b.expires > :now
          AND b.due_at < :now - 60000000 AND h.restored IS NULL AND (b.lane = 0 OR NOT h.held)
          AND EXISTS (SELECT 1 FROM heartbeat AS w WHERE w.kind <> 'web' AND w.stopped IS NULL
                      AND w.seen > :now - 10000000 AND w.started < :now - 60000000)
          AND NOT EXISTS (SELECT 1 FROM batch AS c WHERE c.state = 'leased')
          AND NOT EXISTS (SELECT 1 FROM channel AS p WHERE p.paused AND p.name = b.channels ->> b.position)
        """,
    ),
    Rule(
        "I18",
        "a fenced worker changed nothing: no delivery rests on an answer that came too late",
        """
        SELECT d.id, 'rests on a fenced answer' FROM attempt AS a JOIN delivery AS d ON d.id = a.delivery
        WHERE a.state = 'fenced' AND a.ref <> '' AND d.ref = a.ref
          AND NOT EXISTS (SELECT 1 FROM attempt AS o WHERE o.delivery = d.id AND o.state <> 'fenced' AND o.ref = a.ref)
          AND NOT EXISTS (SELECT 1 FROM evidence AS e WHERE e.delivery = d.id)
        """,
    ),
    Rule(
        "I19",
        "a restored hub sends nothing until an officer says what is still due",
        """
        SELECT d.id, 'was tried though nobody had said yet what is still due' FROM attempt AS a
        JOIN delivery AS d ON d.id = a.delivery JOIN hub AS h ON h.restored IS NOT NULL WHERE a.started >= h.restored
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

PROMISES: Mapping[str, str] = {rule.name: rule.promise for rule in reversed(RULES)} | {
    "I16": "a page's validator is the hash of its bytes, what is in force has its CAP page, no screen's what ended",
    "I20": "a text without an area goes to nobody",
}


async def check(tx: Tx) -> tuple[Violation, ...]:
    """Every breach, at most twenty of each rule, in the order of the rules."""
    found = [one for rule in RULES for one in await _asked(tx, rule)]
    found += [one async for one in _bytes(tx)]
    found += [one async for one in _validators(tx)]
    found += [Violation("I16", row.id, "is in force and has no CAP page") for row in await _unlisted(tx)]
    found += [one async for one in _nowhere(tx)]
    _, breaks = await ledger.verify(tx)
    found += [Violation("I14", f"ledger row {one.seq}", one.says) for one in breaks[:MOST_NAMED]]
    return tuple(found)


async def _asked(tx: Tx, rule: Rule) -> list[Violation]:
    dialect = tx.dialect.name
    sql = rule.sql.replace("{members}", members(dialect)).replace("{others}", members(dialect, "c.endpoints", "o"))
    asked = text(f"SELECT * FROM ({sql}) AS breach LIMIT {MOST_NAMED}")
    now = {"now": micros(await clock.now(tx))} if ":now" in sql else {}
    rows = await tx.execute(asked, now)
    return [Violation(rule.name, str(row[0]), str(row[1])) for row in rows]


async def _bytes(tx: Tx) -> AsyncIterator[Violation]:
    """I12 on the bytes themselves: the final ones are what their hash says."""
    wanted = select(artefact.c.bulletin, artefact.c.name, artefact.c.final, artefact.c.final_hash)
    async for row in await tx.stream(wanted.where(artefact.c.final.is_not(None))):
        if hashlib.sha256(row.final).hexdigest() != row.final_hash:
            yield Violation("I12", f"{row.bulletin} {row.name}", "final bytes differ from the hash of the release")


async def _validators(tx: Tx) -> AsyncIterator[Violation]:
    """I16: an ETag changes exactly when the content does, for it is made of it; a sealed page's ends in its sequence."""
    wanted = select(page.c.path, page.c.media_type, page.c.body, page.c.etag, page.c.seq).where(page.c.gone.is_(False))
    working = await presence.last_work(tx)
    async for row in await tx.stream(wanted):
        if not row.etag.endswith(f"-{row.seq}"):
            if _made_of(row.media_type, row.body) != row.etag:
                yield Violation("I16", row.path, "has an ETag that is not made of its bytes")
            continue
        for says in _sealed(row.etag, row.media_type, row.body, working):
            yield Violation("I16", row.path, says)


def _made_of(media_type: str, body: bytes, key: str = "") -> str:
    return hashlib.sha256(f"{media_type}\0{key}".encode() + body).hexdigest()[:32]


def _sealed(etag: str, media_type: str, body: bytes, working: datetime | None) -> Iterator[str]:
    """What is wrong with a screen's playlist. `working`: when a process that takes pages down was last heard of."""
    try:
        state, number, key = bundle.inside(body)
    except Unsealed as error:
        yield f"is no playlist: {error}"
        return
    plain = json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode()
    if etag != f"{_made_of(media_type, plain, key)}-{number}":
        yield "has an ETag that is not made of its state and number"
    ends = [datetime.fromisoformat(item["expires"]) for item in state["items"] if item["expires"]]
    if working is not None and ends and min(ends) < working - LATE:
        yield f"shows what ended at {min(ends).isoformat()}"


async def _unlisted(tx: Tx) -> Sequence[Row[Any]]:
    """I16: actual bulletins in force whose feed wave is out, and no page at their CAP address."""
    out = select(batch.c.id).where(batch.c.bulletin == bulletin.c.id, batch.c.medium == "feed", batch.c.released)
    there = select(page.c.path).where(page.c.path == "/cap/" + bulletin.c.public_id + ".xml", page.c.gone.is_(False))
    wanted = (
        select(bulletin.c.id)
        .join(warning, warning.c.current == bulletin.c.id)
        .where(bulletin.c.state == "released", bulletin.c.mode == "actual", bulletin.c.expires > now_sql())
        .where(out.exists(), ~there.exists())
    )
    return (await tx.execute(wanted.limit(MOST_NAMED))).all()


async def _nowhere(tx: Tx) -> AsyncIterator[Violation]:
    """I20: whatever has a batch set free has an area in each of its sections."""
    out = select(batch.c.id).where(batch.c.bulletin == bulletin.c.id, batch.c.released, batch.c.purpose == "warning")
    async for row in await tx.stream(select(bulletin.c.id, bulletin.c.content).where(out.exists())):
        sections = row.content.get("sections")
        if sections is not None and not (sections and all(one.get("areas") for one in sections)):
            yield Violation("I20", row.id, "was set free with a text for no area")
