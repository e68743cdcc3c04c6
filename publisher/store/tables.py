"""Which facts are kept? Every table of the hub, the same on SQLite and PostgreSQL.

Deliveries are rows of plain columns and are never loaded as objects: a release may have 100,000 of them.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from publisher.model import states
from publisher.model.notice import Purpose, Wants
from publisher.model.words import Act, ApprovalKind, Medium, Mode, World
from publisher.store.types import Instant, Json, one_of

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

PROVIDED = ("", "reached", "all", "unanswered")

hub = Table(
    "hub",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("world", String(10), nullable=False),
    Column("clock_offset", BigInteger, nullable=False, default=0),
    Column("pack", String(64)),
    Column("held", Boolean, nullable=False, default=False),
    Column("emergency", Boolean, nullable=False, default=False),
    Column("started", Instant, nullable=False),
    Column("restored", Instant),
    one_of("world", World),
)
"""One row: which world this database belongs to, the clock's offset, the active pack, and whether sending is held.

`emergency`: an officer has put the whole room in its emergency mode.
`restored` is set while a database put back from a backup waits for an officer to say what is still due.
"""

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("worker", String(80), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("host", String(60), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", Instant, nullable=False),
    Column("seen", Instant, nullable=False, index=True),
    Column("stopped", Instant),
    one_of("kind", ("web", "work", "both")),
)
"""One row a process that ran lately; `stopped` once it said goodbye or was given up."""

restart = Table(
    "restart",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("down_since", Instant, nullable=False),
    Column("clean", Boolean, nullable=False),
    Column("clock", String(8), nullable=False),
    Column("lost", Integer, nullable=False),
    Column("uncertain", Integer, nullable=False),
    Column("freed", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("screens", Integer, nullable=False),
    Column("closed", Instant),
    Column("closed_by", String(60), nullable=False, default=""),
    one_of("clock", ("ok", "behind", "far")),
)
"""What was found when the hub came back: members lost, calls in doubt, batches freed, members that wait for a click."""

counter = Table(
    "counter",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False, index=True),
    Column("actor", String(120), nullable=False),
    Column("act", String(60), nullable=False),
    Column("subject", String(120), nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("prev", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
"""The hash-chained audit: `hash` = SHA-256 over `prev` and the row's canonical JSON."""

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("seal", String(100), nullable=False),
)
"""The ledger's head as it was each minute, with the hub's Ed25519 seal over it."""

pack_version = Table(
    "pack_version",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("files", LargeBinary, nullable=False),
    Column("imported", Instant, nullable=False),
    Column("imported_by", String(120), nullable=False),
    Column("activated", Instant),
    Column("activated_by", Json),
)
"""Packs with their templates, immutable under their content hash; one of them is `hub.pack`."""

pack_report = Table(
    "pack_report",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("pack", String(64), nullable=False, index=True),
    Column("base", String(64), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("body", Json, nullable=False),
    Column("made", Instant, nullable=False),
    Column("made_by", String(60), nullable=False),
    one_of("kind", ("diff", "simulation")),
)
"""What people were shown before they put a version in force, under the digest that they name."""

activation = Table(
    "activation",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("pack", String(64), nullable=False, index=True),
    Column("base", String(64), nullable=False),
    Column("state", String(10), nullable=False),
    Column("diff", String(64), nullable=False),
    Column("simulation", String(64), nullable=False),
    Column("effective", Instant),
    Column("proposed", Instant, nullable=False),
    Column("proposed_by", String(60), nullable=False),
    Column("confirmed", Instant),
    Column("confirmed_by", String(60)),
    Column("ended", Instant),
    Column("reason", Text, nullable=False, default=""),
    Column("open", String(10), unique=True),
    one_of("state", states.ACTIVATION),
)
"""One row a version that somebody wants in force; `open` holds a word while it is undecided or waits for its time."""

officer = Table(
    "officer",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("name", Text, nullable=False),
    Column("unit", String(60), nullable=False),
    Column("roles", Json, nullable=False),
    Column("scope", Json),
    Column("password", Text),
    Column("pin", Text),
    Column("oidc", String(200), unique=True),
    Column("wecom", String(64), unique=True),
    Column("active", Boolean, nullable=False, default=True),
    Column("looked", BigInteger, nullable=False, default=0),
)
"""`scope` limits what of the bulletins they deal with; `password` and `pin` are argon2id.

`oidc` is how an identity provider names the officer, `wecom` the member's user id; `looked` the ledger's number when
they last said that they had seen what is new.
"""

credential = Table(
    "credential",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("officer", String(60), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("name", Text, nullable=False),
    Column("handle", String(400), unique=True),
    Column("secret", LargeBinary, nullable=False),
    Column("counter", BigInteger, nullable=False, default=0),
    Column("created", Instant, nullable=False),
    Column("confirmed", Instant),
    Column("last_used", Instant),
    one_of("kind", ("totp", "passkey")),
)
"""A second factor. `secret`: a sealed TOTP secret, or a passkey's public key; `counter`: the last step or signature count.

`handle` is how a passkey's device names it.
"""

recovery = Table(
    "recovery",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("officer", String(60), nullable=False, index=True),
    Column("asked_by", String(60), nullable=False),
    Column("asked", Instant, nullable=False),
    Column("agreed_by", String(60)),
    Column("code", String(64)),
    Column("expires", Instant, nullable=False),
    Column("used", Instant),
)
"""Two administrators give an officer who lost everything a way back in: one asks, another agrees, a code is told once."""

token = Table(
    "token",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("prefix", String(12), nullable=False),
    Column("officer", String(60)),
    Column("source", String(60)),
    Column("kind", String(12), nullable=False),
    Column("created", Instant, nullable=False),
    Column("expires", Instant),
    Column("last_used", Instant),
    Column("acted", Instant),
    Column("strong", Instant),
    Column("locked", Boolean, nullable=False, default=False),
    Column("challenge", String(100), nullable=False, default=""),
    Column("address", String(60), nullable=False, default=""),
    Column("agent", String(200), nullable=False, default=""),
)
"""Bearer tokens and browser sessions, by the SHA-256 of the secret; exactly one of officer and source is set.

Of a session: `acted` is its last act, `strong` when its officer last proved who they are, `challenge` what a passkey
must sign next. A `half` one has shown a password and owes a second factor.
"""

source = Table(
    "source",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("body", Json, nullable=False),
    Column("active", Boolean, nullable=False, default=True),
)

contact = Table(
    "contact",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("unit", String(60), nullable=False, index=True),
    Column("body", Json, nullable=False),
)

endpoint = Table(
    "endpoint",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("medium", String(12), nullable=False),
    Column("mode", String(10), nullable=False),
    Column("state", String(12), nullable=False),
    Column("address", Text, nullable=False),
    Column("unit", String(60), nullable=False),
    Column("contact", String(80), index=True),
    Column("body", Json, nullable=False),
    Index("ix_endpoint_medium_mode", "medium", "mode"),
    one_of("medium", Medium),
    one_of("mode", Mode),
)

channel = Table(
    "channel",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("world", String(10), nullable=False),
    Column("config", Json, nullable=False),
    Column("paused", Boolean, nullable=False, default=False),
)

meter = Table(
    "meter",
    metadata,
    Column("channel", String(40), primary_key=True),
    Column("free_at", Instant, nullable=False),
    Column("day", String(10), nullable=False, default=""),
    Column("used", Integer, nullable=False, default=0),
    Column("pressing", Integer, nullable=False),
    Column("pressed", Instant, nullable=False),
    Column("rest_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("open_until", Instant),
    Column("closed_at", Instant),
    Column("silent", Boolean, nullable=False, default=False),
    Column("why", Text, nullable=False, default=""),
)
"""One provider account as all workers see it: its token bucket, the sends of its day, and its circuit breaker.

`free_at`: when the sends taken so far are paid for at the account's rate. `pressing`: the gravest lane that got less than
it asked for, until `pressed`; lesser ones then have a share, paid for at `rest_at`. `open_until`: nothing is begun before it
where another channel stands in. `closed_at`: when it last came back; its share grows again from then.
"""

alert = Table(
    "alert",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("source", String(60), nullable=False),
    Column("received", Instant, nullable=False, index=True),
    Column("raw", LargeBinary, nullable=False),
    Column("media_type", String(80), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("sender", Text, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("sent", Instant),
    Column("outcome", String(30), nullable=False),
    Column("findings", Json, nullable=False),
    Column("result", Json),
    Column("state", String(12), nullable=False),
    Column("bulletin", String(40)),
    Column("rank", Integer, nullable=False, default=0),
    Column("called", Integer, nullable=False, default=0),
    Index("ix_alert_identity", "sender", "identifier", "sent"),
    Index("ix_alert_state", "state"),
    one_of("state", ("new", "opened", "drafted", "dismissed")),
)
"""One incoming message, kept byte for byte. `result` is what classification made of it; `rank` the gravest level in it.

`called`: how often people were telephoned because nobody opened it.
"""

alert_identity = Table(
    "alert_identity",
    metadata,
    Column("triple", String(64), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("alert", String(40), nullable=False),
)
"""First bytes seen under a (sender, identifier, sent): the same again is one alert, other bytes are refused."""

warning = Table(
    "warning",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("hazard", String(40), nullable=False),
    Column("mode", String(10), nullable=False),
    Column("opened", Instant, nullable=False),
    Column("current", String(40)),
    Index("ix_warning_current", "current"),
    one_of("mode", Mode),
)
"""One hazard episode; `current` is the bulletin in force, null when nothing is."""

bulletin = Table(
    "bulletin",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("warning", String(40), ForeignKey("warning.id"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("act", String(10), nullable=False),
    Column("mode", String(10), nullable=False),
    Column("state", String(12), nullable=False, index=True),
    Column("rank", Integer, nullable=False),
    Column("content", Json, nullable=False),
    Column("pack", String(64), nullable=False),
    Column("alert", String(40)),
    Column("drafter", String(60), nullable=False),
    Column("editor", String(60), nullable=False),
    Column("submitter", String(60)),
    Column("revision", Integer, nullable=False, default=1),
    Column("digest", String(64), nullable=False, default=""),
    Column("plan", Json),
    Column("hold", Boolean, nullable=False, default=False),
    Column("valid_until", Instant),
    Column("expires", Instant, nullable=False),
    Column("review_by", Instant),
    Column("created", Instant, nullable=False),
    Column("submitted", Instant),
    Column("released", Instant),
    Column("public_id", String(60), unique=True),
    Column("ended", Instant),
    Column("measured", Instant),
    Column("standby", String(60), nullable=False, default=""),
    Column("nudges", Integer, nullable=False, default=0),
    Column("reviews", Integer, nullable=False, default=0),
    Column("let_lapse", String(60), nullable=False, default=""),
    Index("ix_bulletin_created", "created", "id"),
    Index("ix_bulletin_released", "released"),
    UniqueConstraint("warning", "version"),
    one_of("act", Act),
    one_of("mode", Mode),
    one_of("state", states.BULLETIN),
)

wave = Table(
    "wave",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("bulletin", String(40), ForeignKey("bulletin.id"), nullable=False, index=True),
    Column("rule", String(40), nullable=False),
    Column("position", Integer, nullable=False),
    Column("flow", String(60), nullable=False),
    Column("standing", String(60), nullable=False, default=""),
    Column("state", String(12), nullable=False),
    Column("lane", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("added", Json),
    Column("valid_until", Instant),
    Column("released", Instant),
    one_of("state", states.WAVE),
)
"""`added`: the manifest of a wave that was added after the release, which its own digest covers."""

step = Table(
    "step",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("bulletin", String(40), nullable=False, index=True),
    Column("wave", String(80), ForeignKey("wave.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("body", Json, nullable=False),
    Column("opened", Instant),
    Column("deadline", Instant),
    Column("remind_at", Instant, index=True),
    Column("reminders", Integer, nullable=False, default=0),
    Column("done", Instant),
    Index("ix_step_state", "state"),
    one_of("state", states.STEP),
)
"""A signature place. `reminders`: how far a missed deadline has gone: reminded, the next person asked, alarm rung."""

approval = Table(
    "approval",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("bulletin", String(40), nullable=False, index=True),
    Column("wave", String(80), nullable=False),
    Column("step", String(120), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("officer", String(60), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("at", Instant, nullable=False),
    Column("evidence", Json, nullable=False),
    Column("void", Boolean, nullable=False, default=False),
    Column("signature_due", Instant),
    Column("confirmed_by", String(60), nullable=False, default=""),
    Column("confirmed", Instant),
    UniqueConstraint("step", "digest", "officer"),
    one_of("kind", ApprovalKind),
)
"""One yes. An attested one owes a real signature: by when it is due, and who gave it when."""

scan = Table(
    "scan",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("media_type", String(40), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("by", String(60), nullable=False),
    Column("at", Instant, nullable=False),
)
"""A paper that carries a yes, or a picture that came with a receipt (`by` is the channel then), by its SHA-256."""

shift = Table(
    "shift",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("unit", String(60), nullable=False, index=True),
    Column("starts", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("seats", Json, nullable=False),
    Column("made_by", String(60), nullable=False),
    Column("handed_by", String(60), nullable=False, default=""),
    Column("handed", Instant),
    Column("note", Text, nullable=False, default=""),
    Column("page", Json),
    Column("digest", String(64), nullable=False, default=""),
    Column("taken_by", String(60), nullable=False, default=""),
    Column("taken", Instant),
)
"""A duty shift of a unit: who sits where from when to when, and its hand-over, signed by who leaves and who comes.

`page` is what was handed over and `digest` what both signed: the page and the note.
"""

release = Table(
    "release",
    metadata,
    Column("bulletin", String(40), ForeignKey("bulletin.id"), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("manifest", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("public_id", String(60), nullable=False),
)
"""The decision that a bulletin goes out: the primary key makes it the only one."""

artefact = Table(
    "artefact",
    metadata,
    Column("bulletin", String(40), primary_key=True),
    Column("name", String(120), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("section", Integer, nullable=False),
    Column("language", String(20), nullable=False),
    Column("media_type", String(80), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("bound", String(64), nullable=False),
    Column("derived", Text, nullable=False, default=""),
    Column("facts", Json, nullable=False),
    Column("final", LargeBinary),
    Column("final_hash", String(64)),
)
"""Bytes with slots (`body`, hash `bound` in the digest) and, once released, the filled ones (`final`)."""

notice = Table(
    "notice",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("purpose", String(10), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", String(120), nullable=False, index=True),
    Column("contact", String(80), nullable=False),
    Column("mode", String(10), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("facts", Json, nullable=False),
    Column("wants", String(10), nullable=False),
    Column("state", String(12), nullable=False, index=True),
    Column("created", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Column("ended", Instant),
    one_of("purpose", Purpose),
    one_of("mode", Mode),
    one_of("wants", Wants),
    one_of("state", states.NOTICE),
)
"""A message of the hub's own to one contact; its batches and artefacts carry its id as their bulletin, wave and warning."""

batch = Table(
    "batch",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("purpose", String(10), nullable=False, default=Purpose.WARNING.value),
    Column("wave", String(80), nullable=False, index=True),
    Column("bulletin", String(40), nullable=False, index=True),
    Column("warning", String(40), nullable=False),
    Column("medium", String(12), nullable=False),
    Column("channels", Json, nullable=False),
    Column("position", Integer, nullable=False, default=0),
    Column("text", String(120), nullable=False),
    Column("uncertain", String(10), nullable=False),
    Column("endpoints", Json, nullable=False),
    Column("occurrence", Integer, nullable=False, default=0),
    Column("repeat_minutes", Integer, nullable=False, default=0),
    Column("lane", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("exercise", Boolean, nullable=False, default=False),
    Column("state", String(12), nullable=False),
    Column("released", Boolean, nullable=False, default=False),
    Column("current", Boolean, nullable=False, default=True),
    Column("due_at", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("epoch", Integer, nullable=False, default=0),
    Column("worker", String(60)),
    Column("tries", Integer, nullable=False, default=0),
    Column("crashes", Integer, nullable=False, default=0),
    Column("reason", String(20), nullable=False, default=""),
    Column("waits", String(10), nullable=False, default=""),
    Column("accounted", Boolean, nullable=False, default=False),
    Column("provided", String(12), nullable=False, default=""),
    Column("stands_for", Json),
    Column("wait_seconds", Integer, nullable=False, default=0),
    Column("note", Text, nullable=False, default=""),
    Column("created", Instant, nullable=False),
    Index("ix_batch_claim", "state", "released", "lane", "rank", "due_at"),
    Index("ix_batch_accounted", "accounted", "state"),
    one_of("purpose", Purpose),
    one_of("state", states.BATCH),
    one_of("provided", PROVIDED),
)
"""Up to 500 endpoint ids that get one text through one failover list. A member without a delivery row is queued.

`reason` says why it was stopped; `waits` why it needs a person's click first (`stale`, `restored`);
`accounted` that every member has its row and every row of it has ended.
`provided` is judged member by member when it is sent: `reached` = only who got or may have got an older version (`all`:
the pack wants an end told whatever became of it),
`unanswered` = only while nobody of those it `stands_for` (endpoint -> contacts) has answered. `wait_seconds` pass
between the release and the first try. `note` is why it was put aside.
"""

delivery = Table(
    "delivery",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("batch", String(120), nullable=False, index=True),
    Column("wave", String(80), nullable=False),
    Column("bulletin", String(40), nullable=False, index=True),
    Column("warning", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("endpoint", String(80), nullable=False),
    Column("occurrence", Integer, nullable=False),
    Column("medium", String(12), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", String(60), nullable=False, default=""),
    Column("detail", Text, nullable=False, default=""),
    Column("ref", String(120), nullable=False, default=""),
    Column("uncertain", Boolean, nullable=False, default=False),
    Column("stage", String(8), nullable=False, default=""),
    Column("tries", Integer, nullable=False, default=0),
    Column("people", Integer),
    Column("created", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    UniqueConstraint("wave", "endpoint", "occurrence"),
    Index("ix_delivery_channel_created", "channel", "created"),
    Index("ix_delivery_warning_endpoint", "warning", "endpoint"),
    one_of("state", states.DELIVERY),
    one_of("stage", states.STAGES),
    postgresql_with={"fillfactor": 50},
)
"""A row's existence means "may have been sent": it is written before the provider is called.

No index holds a column that an answer changes, and PostgreSQL leaves room for the changed row beside it: an answer then
touches one page, not every index. `stage` is set to `calling` in that same commit and stays so until an answer is settled:
after a crash it is the doubt.
"""

attempt = Table(
    "attempt",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("delivery", String(40), nullable=False, index=True),
    Column("channel", String(40), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("started", Instant, nullable=False),
    Column("ended", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", String(60), nullable=False, default=""),
    Column("detail", Text, nullable=False, default=""),
    Column("ref", String(120), nullable=False, default=""),
    Column("sha256", String(64), nullable=False),
    Index("ix_attempt_channel_ref", "channel", "ref"),
    one_of("state", states.ATTEMPT),
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("delivery", String(40), nullable=False, index=True),
    Column("channel", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    Column("ref", String(120), nullable=False, default=""),
    Column("reason", String(60), nullable=False, default=""),
    Column("detail", Text, nullable=False, default=""),
    Column("picture", String(64), nullable=False, default=""),
    Column("moved", Boolean, nullable=False),
)
"""Every receipt, in order of arrival; `moved` says whether it raised the delivery's state, `picture` is a `scan`."""

alarm = Table(
    "alarm",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("facts", Json, nullable=False),
    Column("rung", Instant, nullable=False, index=True),
    Column("cleared", Instant),
    Column("cleared_by", String(60), nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("open", String(170), unique=True),
)
"""What an officer must see now. `open` is kind and subject while it rings and null afterwards: one alarm a matter.

`cleared_by` is empty where the cause went away by itself.
"""

task = Table(
    "task",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("unit", String(60), nullable=False, index=True),
    Column("roles", Json, nullable=False),
    Column("facts", Json, nullable=False),
    Column("created", Instant, nullable=False),
    Column("due", Instant),
    Column("state", String(10), nullable=False, index=True),
    Column("ended", Instant),
    Column("ended_by", String(60), nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("open", String(170), unique=True),
    Column("chased", Instant),
    one_of("state", states.TASK),
)
"""What somebody must do by a time: chase a signature, review a release, decide on a measure. `open` as in `alarm`."""

report = Table(
    "report",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("subject", String(60), nullable=False, index=True),
    Column("as_of", Instant, nullable=False),
    Column("made_by", String(60), nullable=False),
    Column("body", Json, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("sent", Instant),
    one_of("kind", ("flash", "after", "false", "daily")),
)
"""What was told afterwards, as facts frozen at `as_of`; `digest` is over them."""

drill = Table(
    "drill",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("script", Json, nullable=False),
    Column("position", Integer, nullable=False, default=0),
    Column("started", Instant, nullable=False),
    Column("anchor", Instant, nullable=False),
    Column("ran_seconds", Integer, nullable=False, default=0),
    Column("alerts", Json, nullable=False),
    Column("by", String(60), nullable=False),
    Column("why", Text, nullable=False, default=""),
    Column("ended", Instant),
    one_of("state", states.DRILL),
)
"""An exercise under way: its scripted injects, how many were made (`position`), and how long it ran before `anchor`.

`alerts` are the messages it put in itself: any other one that is not an exercise's pauses it.
"""

response = Table(
    "response",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("warning", String(40), nullable=False, index=True),
    Column("bulletin", String(40), nullable=False),
    Column("pack", String(64), nullable=False),
    Column("rule", String(60), nullable=False),
    Column("suggested", String(40), nullable=False),
    Column("grade", String(40), nullable=False),
    Column("unit", String(60), nullable=False),
    Column("roles", Json, nullable=False),
    Column("areas", Json, nullable=False),
    Column("state", String(10), nullable=False),
    Column("proposed", Instant, nullable=False),
    Column("declared", Instant),
    Column("declared_by", String(60), nullable=False, default=""),
    Column("ended", Instant),
    Column("ended_by", String(60), nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("open", String(40), unique=True),
    one_of("state", states.RESPONSE),
)
"""The response beside a warning: proposed by policy, declared by a person. `open` holds the warning until it is over."""

errand = Table(
    "errand",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("ref", String(120), nullable=False, default=""),
    Column("given", Json),
    Column("asked", Instant, nullable=False),
    Column("asked_by", String(120), nullable=False),
    Column("taken", Instant),
    Column("done", Instant),
    Column("ok", Boolean),
    Column("says", Text, nullable=False, default=""),
    Index("ix_errand_open", "taken", "done", "asked"),
    one_of("kind", ("probe", "check", "recall", "configure")),
)
"""What a worker does with a channel because somebody asked, and what came of it: only workers have the keys that send."""

answer = Table(
    "answer",
    metadata,
    Column("bulletin", String(40), primary_key=True),
    Column("contact", String(80), primary_key=True),
    Column("warning", String(40), nullable=False, index=True),
    Column("unit", String(60), nullable=False),
    Column("endpoint", String(80), nullable=False),
    Column("delivery", String(40), nullable=False),
    Column("how", String(12), nullable=False),
    Column("by", String(120), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("at", Instant, nullable=False),
    one_of("how", ("endpoint", "page", "on_behalf")),
)
"""A contact has answered a bulletin (叫应): on an endpoint, on its page, or through an officer with a reason.

An endpoint without a contact answers as itself, under its own id.
"""

goal = Table(
    "goal",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("wave", String(80), nullable=False),
    Column("bulletin", String(40), nullable=False, index=True),
    Column("counted", String(10), nullable=False),
    Column("percent", Integer, nullable=False),
    Column("wait_seconds", Integer, nullable=False),
    Column("due_at", Instant),
    Column("state", String(10), nullable=False),
    Column("members", Json, nullable=False),
    Column("asked", Integer),
    Column("answered", Integer),
    Index("ix_goal_due", "state", "due_at"),
    one_of("counted", ("contacts", "villages")),
    one_of("state", states.GOAL),
)
"""How many must have answered by when; judged once, at `due_at`, which is set by the wave's release.

`members`: every contact that is asked -> the place (village) it answers for.
"""

closure = Table(
    "closure",
    metadata,
    Column("warning", String(40), primary_key=True),
    Column("endpoint", String(80), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("by", String(120), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
"""An entry of the withdrawal list that a person closed: the endpoint no longer shows anything older than `version`."""

page = Table(
    "page",
    metadata,
    Column("path", String(300), primary_key=True),
    Column("owner", String(60), nullable=False, index=True),
    Column("etag", String(64), nullable=False),
    Column("media_type", String(80), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("bulletin", String(40)),
    Column("visible_from", Instant, nullable=False),
    Column("expires", Instant),
    Column("gone", Boolean, nullable=False, default=False),
    Column("seq", BigInteger, nullable=False, index=True),
)
"""Materialised public resources; every web process follows `seq` and answers from memory."""

subscription = Table(
    "subscription",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("wish", String(8), nullable=False),
    Column("medium", String(12), nullable=False),
    Column("lookup", String(64), nullable=False, index=True),
    Column("address", LargeBinary, nullable=False),
    Column("area", String(60), nullable=False),
    Column("language", String(20), nullable=False),
    Column("code", LargeBinary, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("state", String(8), nullable=False),
    Column("asked", Instant, nullable=False, index=True),
    Column("expires", Instant, nullable=False),
)
"""Somebody's wish to get warnings or to leave, until a code proves it; a day later it is forgotten."""

news = Table(
    "news",
    metadata,
    Column("exercise", Boolean, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("event", String(12), nullable=False),
    Column("public_id", String(60), nullable=False),
    Column("page", String(60), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("told", Json, nullable=False),
)
"""What happened to the public, counted without gaps; heartbeats repeat the end of it. `told`: language -> headline."""

airing = Table(
    "airing",
    metadata,
    Column("station", String(200), primary_key=True),
    Column("bulletin", String(40), primary_key=True),
    Column("received", Instant),
    Column("on_air", Instant),
    Column("off_air", Instant),
)
"""What a studio said of one bulletin: that it has it, when it went on the air, and when it left it."""

poll = Table(
    "poll",
    metadata,
    Column("device", String(200), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("keyed", Instant),
    Column("seq", BigInteger, nullable=False),
)
"""When a display or studio (`screen:<address>`, `station:<address>`) last asked, when last with its own key, and the
number of the playlist it got. Web processes keep this in memory and write it every few seconds.
"""

jotting = Table(
    "jotting",
    metadata,
    Column("officer", String(60), primary_key=True),
    Column("place", String(60), primary_key=True),
    Column("fields", Json, nullable=False),
    Column("revision", Integer, nullable=False, default=0),
    Column("at", Instant, nullable=False),
    Index("ix_jotting_place", "place", "at"),
)
"""What an officer has typed on a page and not saved: found again after a lost line, an ended session or a closed tab.

`place` is a bulletin's id or `new`; a row younger than a minute says who else is writing at the same draft.
"""

idempotency = Table(
    "idempotency",
    metadata,
    Column("principal", String(80), primary_key=True),
    Column("route", String(120), primary_key=True),
    Column("key", String(120), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("status", Integer),
    Column("answer", Text),
    Column("at", Instant, nullable=False),
)
