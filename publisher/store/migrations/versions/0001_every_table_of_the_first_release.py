"""Every table of the first release."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "heartbeat",
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("host", sa.String(length=60), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("stopped", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('both', 'web', 'work')", name=op.f("ck_heartbeat_kind_known")),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_heartbeat")),
    )
    with op.batch_alter_table("heartbeat", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_heartbeat_seen"), ["seen"], unique=False)

    op.create_table(
        "restart",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("down_since", sa.BigInteger(), nullable=False),
        sa.Column("clean", sa.Boolean(), nullable=False),
        sa.Column("clock", sa.String(length=8), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("uncertain", sa.Integer(), nullable=False),
        sa.Column("freed", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("screens", sa.Integer(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.String(length=60), nullable=False),
        sa.CheckConstraint("clock IN ('behind', 'far', 'ok')", name=op.f("ck_restart_clock_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restart")),
    )
    with op.batch_alter_table("restart", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_restart_at"), ["at"], unique=False)

    op.create_table(
        "alarm",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("rung", sa.BigInteger(), nullable=False),
        sa.Column("cleared", sa.BigInteger(), nullable=True),
        sa.Column("cleared_by", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("open", sa.String(length=170), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
        sa.UniqueConstraint("open", name=op.f("uq_alarm_open")),
    )
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alarm_rung"), ["rung"], unique=False)

    op.create_table(
        "ledger_head",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_head")),
    )
    op.create_table(
        "credential",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("officer", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("handle", sa.String(length=400), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=True),
        sa.Column("last_used", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('passkey', 'totp')", name=op.f("ck_credential_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("handle", name=op.f("uq_credential_handle")),
    )
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credential_officer"), ["officer"], unique=False)

    op.create_table(
        "recovery",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("officer", sa.String(length=60), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("agreed_by", sa.String(length=60), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
    )
    with op.batch_alter_table("recovery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_officer"), ["officer"], unique=False)

    op.create_table(
        "task",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("roles", JSON, nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("open", sa.String(length=170), nullable=True),
        sa.Column("chased", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('done', 'dropped', 'open')", name=op.f("ck_task_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("open", name=op.f("uq_task_open")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_unit"), ["unit"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('after', 'daily', 'false', 'flash')", name=op.f("ck_report_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_subject"), ["subject"], unique=False)

    op.create_table(
        "drill",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("script", JSON, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("anchor", sa.BigInteger(), nullable=False),
        sa.Column("ran_seconds", sa.Integer(), nullable=False),
        sa.Column("alerts", JSON, nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('ended', 'paused', 'running')", name=op.f("ck_drill_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill")),
    )
    with op.batch_alter_table("drill", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_drill_state"), ["state"], unique=False)

    op.create_table(
        "alert",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("findings", JSON, nullable=False),
        sa.Column("result", JSON, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("bulletin", sa.String(length=40), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("called", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('dismissed', 'drafted', 'new', 'opened')", name=op.f("ck_alert_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index("ix_alert_identity", ["sender", "identifier", "sent"], unique=False)
        batch_op.create_index("ix_alert_state", ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_received"), ["received"], unique=False)

    op.create_table(
        "alert_identity",
        sa.Column("triple", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("alert", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("triple", name=op.f("pk_alert_identity")),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("bulletin", sa.String(length=40), nullable=False),
        sa.Column("wave", sa.String(length=80), nullable=False),
        sa.Column("step", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("officer", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("signature_due", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=60), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('attested', 'signed', 'standing')", name=op.f("ck_approval_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("step", "digest", "officer", name=op.f("uq_approval_step_digest_officer")),
    )
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_bulletin"), ["bulletin"], unique=False)

    op.create_table(
        "artefact",
        sa.Column("bulletin", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("section", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("bound", sa.String(length=64), nullable=False),
        sa.Column("derived", sa.Text(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("final", sa.LargeBinary(), nullable=True),
        sa.Column("final_hash", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("bulletin", "name", name=op.f("pk_artefact")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("delivery", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "state IN ('fenced', 'refused', 'sent', 'started', 'unknown', 'unsent')",
            name=op.f("ck_attempt_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index("ix_attempt_channel_ref", ["channel", "ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_attempt_delivery"), ["delivery"], unique=False)

    op.create_table(
        "answer",
        sa.Column("bulletin", sa.String(length=40), nullable=False),
        sa.Column("contact", sa.String(length=80), nullable=False),
        sa.Column("warning", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("endpoint", sa.String(length=80), nullable=False),
        sa.Column("delivery", sa.String(length=40), nullable=False),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("how IN ('endpoint', 'on_behalf', 'page')", name=op.f("ck_answer_how_known")),
        sa.PrimaryKeyConstraint("bulletin", "contact", name=op.f("pk_answer")),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_warning"), ["warning"], unique=False)

    op.create_table(
        "closure",
        sa.Column("warning", sa.String(length=40), nullable=False),
        sa.Column("endpoint", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("warning", "endpoint", "version", name=op.f("pk_closure")),
    )
    op.create_table(
        "goal",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("wave", sa.String(length=80), nullable=False),
        sa.Column("bulletin", sa.String(length=40), nullable=False),
        sa.Column("counted", sa.String(length=10), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("wait_seconds", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("members", JSON, nullable=False),
        sa.Column("asked", sa.Integer(), nullable=True),
        sa.Column("answered", sa.Integer(), nullable=True),
        sa.CheckConstraint("counted IN ('contacts', 'villages')", name=op.f("ck_goal_counted_known")),
        sa.CheckConstraint("state IN ('met', 'missed', 'void', 'waiting')", name=op.f("ck_goal_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal")),
    )
    with op.batch_alter_table("goal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_goal_bulletin"), ["bulletin"], unique=False)
        batch_op.create_index("ix_goal_due", ["state", "due_at"], unique=False)

    op.create_table(
        "meter",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("pressing", sa.Integer(), nullable=False),
        sa.Column("pressed", sa.BigInteger(), nullable=False),
        sa.Column("rest_at", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_meter")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("wave", sa.String(length=80), nullable=False),
        sa.Column("bulletin", sa.String(length=40), nullable=False),
        sa.Column("warning", sa.String(length=40), nullable=False),
        sa.Column("medium", sa.String(length=12), nullable=False),
        sa.Column("channels", JSON, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=120), nullable=False),
        sa.Column("uncertain", sa.String(length=10), nullable=False),
        sa.Column("endpoints", JSON, nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("repeat_minutes", sa.Integer(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=60), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("waits", sa.String(length=10), nullable=False),
        sa.Column("accounted", sa.Boolean(), nullable=False),
        sa.Column("provided", sa.String(length=12), nullable=False),
        sa.Column("stands_for", JSON, nullable=True),
        sa.Column("wait_seconds", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("provided IN ('', 'reached', 'all', 'unanswered')", name=op.f("ck_batch_provided_known")),
        sa.CheckConstraint(
            "purpose IN ('notice', 'report', 'request', 'warning')", name=op.f("ck_batch_purpose_known")
        ),
        sa.CheckConstraint(
            "state IN ('done', 'leased', 'quarantined', 'ready', 'stopped')", name=op.f("ck_batch_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index("ix_batch_accounted", ["accounted", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_bulletin"), ["bulletin"], unique=False)
        batch_op.create_index("ix_batch_claim", ["state", "released", "lane", "rank", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_wave"), ["wave"], unique=False)

    op.create_table(
        "channel",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("world", sa.String(length=10), nullable=False),
        sa.Column("config", JSON, nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_channel")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_unit"), ["unit"], unique=False)

    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("batch", sa.String(length=120), nullable=False),
        sa.Column("wave", sa.String(length=80), nullable=False),
        sa.Column("bulletin", sa.String(length=40), nullable=False),
        sa.Column("warning", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("endpoint", sa.String(length=80), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("medium", sa.String(length=12), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("uncertain", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("stage IN ('', 'again', 'calling', 'left')", name=op.f("ck_delivery_stage_known")),
        sa.CheckConstraint(
            "state IN ('accepted', 'acknowledged', 'delivered', 'failed', 'sending', 'shown', 'skipped', 'stopped')",
            name=op.f("ck_delivery_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("wave", "endpoint", "occurrence", name=op.f("uq_delivery_wave_endpoint_occurrence")),
        postgresql_with={"fillfactor": 50},
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_batch"), ["batch"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_bulletin"), ["bulletin"], unique=False)
        batch_op.create_index("ix_delivery_channel_created", ["channel", "created"], unique=False)
        batch_op.create_index("ix_delivery_warning_endpoint", ["warning", "endpoint"], unique=False)

    op.create_table(
        "endpoint",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("medium", sa.String(length=12), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("contact", sa.String(length=80), nullable=True),
        sa.Column("body", JSON, nullable=False),
        sa.CheckConstraint(
            "medium IN ('app', 'email', 'feed', 'manual', 'partner', 'screen', 'sms', 'station', 'voice', 'wechat', 'wecom')",
            name=op.f("ck_endpoint_medium_known"),
        ),
        sa.CheckConstraint("mode IN ('actual', 'exercise', 'test')", name=op.f("ck_endpoint_mode_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoint")),
    )
    with op.batch_alter_table("endpoint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_endpoint_contact"), ["contact"], unique=False)
        batch_op.create_index("ix_endpoint_medium_mode", ["medium", "mode"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("delivery", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("picture", sa.String(length=64), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_delivery"), ["delivery"], unique=False)

    op.create_table(
        "errand",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("given", JSON, nullable=True),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=True),
        sa.Column("ok", sa.Boolean(), nullable=True),
        sa.Column("says", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('check', 'configure', 'probe', 'recall')", name=op.f("ck_errand_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
    )
    with op.batch_alter_table("errand", schema=None) as batch_op:
        batch_op.create_index("ix_errand_open", ["taken", "done", "asked"], unique=False)

    op.create_table(
        "hub",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("world", sa.String(length=10), nullable=False),
        sa.Column("clock_offset", sa.BigInteger(), nullable=False),
        sa.Column("pack", sa.String(length=64), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("restored", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("world IN ('live', 'sandbox')", name=op.f("ck_hub_world_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub")),
    )
    op.create_table(
        "idempotency",
        sa.Column("principal", sa.String(length=80), nullable=False),
        sa.Column("route", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "route", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "jotting",
        sa.Column("officer", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("officer", "place", name=op.f("pk_jotting")),
    )
    with op.batch_alter_table("jotting", schema=None) as batch_op:
        batch_op.create_index("ix_jotting_place", ["place", "at"], unique=False)

    op.create_table(
        "ledger",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger")),
    )
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_subject"), ["subject"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("contact", sa.String(length=80), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("wants", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("mode IN ('actual', 'exercise', 'test')", name=op.f("ck_notice_mode_known")),
        sa.CheckConstraint(
            "purpose IN ('notice', 'report', 'request', 'warning')", name=op.f("ck_notice_purpose_known")
        ),
        sa.CheckConstraint(
            "state IN ('answered', 'closed', 'open', 'unanswered', 'unreachable')",
            name=op.f("ck_notice_state_known"),
        ),
        sa.CheckConstraint("wants IN ('answer', 'arrival')", name=op.f("ck_notice_wants_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_subject"), ["subject"], unique=False)

    op.create_table(
        "officer",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("roles", JSON, nullable=False),
        sa.Column("scope", JSON, nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("pin", sa.Text(), nullable=True),
        sa.Column("oidc", sa.String(length=200), nullable=True),
        sa.Column("wecom", sa.String(length=64), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("looked", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer")),
        sa.UniqueConstraint("oidc", name=op.f("uq_officer_oidc")),
        sa.UniqueConstraint("wecom", name=op.f("uq_officer_wecom")),
    )
    op.create_table(
        "pack_version",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("imported", sa.BigInteger(), nullable=False),
        sa.Column("imported_by", sa.String(length=120), nullable=False),
        sa.Column("activated", sa.BigInteger(), nullable=True),
        sa.Column("activated_by", JSON, nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_pack_version")),
    )
    op.create_table(
        "pack_report",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("pack", sa.String(length=64), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.CheckConstraint("kind IN ('diff', 'simulation')", name=op.f("ck_pack_report_kind_known")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_pack_report")),
    )
    with op.batch_alter_table("pack_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pack_report_pack"), ["pack"], unique=False)

    op.create_table(
        "response",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("warning", sa.String(length=40), nullable=False),
        sa.Column("bulletin", sa.String(length=40), nullable=False),
        sa.Column("pack", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("suggested", sa.String(length=40), nullable=False),
        sa.Column("grade", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("roles", JSON, nullable=False),
        sa.Column("areas", JSON, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed", sa.BigInteger(), nullable=False),
        sa.Column("declared", sa.BigInteger(), nullable=True),
        sa.Column("declared_by", sa.String(length=60), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("open", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "state IN ('declared', 'dropped', 'ended', 'proposed')", name=op.f("ck_response_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("open", name=op.f("uq_response_open")),
    )
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_response_warning"), ["warning"], unique=False)

    op.create_table(
        "activation",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("pack", sa.String(length=64), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("diff", sa.String(length=64), nullable=False),
        sa.Column("simulation", sa.String(length=64), nullable=False),
        sa.Column("effective", sa.BigInteger(), nullable=True),
        sa.Column("proposed", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=60), nullable=True),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("open", sa.String(length=10), nullable=True),
        sa.CheckConstraint(
            "state IN ('active', 'confirmed', 'proposed', 'withdrawn')", name=op.f("ck_activation_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activation")),
        sa.UniqueConstraint("open", name=op.f("uq_activation_open")),
    )
    with op.batch_alter_table("activation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activation_pack"), ["pack"], unique=False)

    op.create_table(
        "page",
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("etag", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("bulletin", sa.String(length=40), nullable=True),
        sa.Column("visible_from", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_page")),
    )
    with op.batch_alter_table("page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_page_owner"), ["owner"], unique=False)
        batch_op.create_index(batch_op.f("ix_page_seq"), ["seq"], unique=False)

    op.create_table(
        "subscription",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("wish", sa.String(length=8), nullable=False),
        sa.Column("medium", sa.String(length=12), nullable=False),
        sa.Column("lookup", sa.String(length=64), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscription_asked"), ["asked"], unique=False)
        batch_op.create_index(batch_op.f("ix_subscription_lookup"), ["lookup"], unique=False)

    op.create_table(
        "news",
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(length=12), nullable=False),
        sa.Column("public_id", sa.String(length=60), nullable=False),
        sa.Column("page", sa.String(length=60), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("told", JSON, nullable=False),
        sa.PrimaryKeyConstraint("exercise", "seq", name=op.f("pk_news")),
    )
    op.create_table(
        "airing",
        sa.Column("station", sa.String(length=200), nullable=False),
        sa.Column("bulletin", sa.String(length=40), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=True),
        sa.Column("on_air", sa.BigInteger(), nullable=True),
        sa.Column("off_air", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("station", "bulletin", name=op.f("pk_airing")),
    )
    op.create_table(
        "poll",
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("keyed", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_poll")),
    )
    op.create_table(
        "scan",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
    )
    op.create_table(
        "shift",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("seats", JSON, nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("handed_by", sa.String(length=60), nullable=False),
        sa.Column("handed", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("page", JSON, nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("taken_by", sa.String(length=60), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_unit"), ["unit"], unique=False)

    op.create_table(
        "source",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
    )
    op.create_table(
        "token",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.Column("officer", sa.String(length=60), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("last_used", sa.BigInteger(), nullable=True),
        sa.Column("acted", sa.BigInteger(), nullable=True),
        sa.Column("strong", sa.BigInteger(), nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("challenge", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_token")),
    )
    op.create_table(
        "warning",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("hazard", sa.String(length=40), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("current", sa.String(length=40), nullable=True),
        sa.CheckConstraint("mode IN ('actual', 'exercise', 'test')", name=op.f("ck_warning_mode_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning")),
    )
    with op.batch_alter_table("warning", schema=None) as batch_op:
        batch_op.create_index("ix_warning_current", ["current"], unique=False)

    op.create_table(
        "bulletin",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("warning", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("pack", sa.String(length=64), nullable=False),
        sa.Column("alert", sa.String(length=40), nullable=True),
        sa.Column("drafter", sa.String(length=60), nullable=False),
        sa.Column("editor", sa.String(length=60), nullable=False),
        sa.Column("submitter", sa.String(length=60), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("plan", JSON, nullable=True),
        sa.Column("hold", sa.Boolean(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("review_by", sa.BigInteger(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("submitted", sa.BigInteger(), nullable=True),
        sa.Column("released", sa.BigInteger(), nullable=True),
        sa.Column("public_id", sa.String(length=60), nullable=True),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("measured", sa.BigInteger(), nullable=True),
        sa.Column("standby", sa.String(length=60), nullable=False),
        sa.Column("nudges", sa.Integer(), nullable=False),
        sa.Column("reviews", sa.Integer(), nullable=False),
        sa.Column("let_lapse", sa.String(length=60), nullable=False),
        sa.CheckConstraint("act IN ('issue', 'lift', 'retract', 'update')", name=op.f("ck_bulletin_act_known")),
        sa.CheckConstraint("mode IN ('actual', 'exercise', 'test')", name=op.f("ck_bulletin_mode_known")),
        sa.CheckConstraint(
            "state IN ('discarded', 'draft', 'held', 'lapsed', 'lifted', 'released', 'retracted', 'returned', 'stale', 'submitted', 'superseded', 'unsubmitted')",
            name=op.f("ck_bulletin_state_known"),
        ),
        sa.ForeignKeyConstraint(["warning"], ["warning.id"], name=op.f("fk_bulletin_warning")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bulletin_public_id")),
        sa.UniqueConstraint("warning", "version", name=op.f("uq_bulletin_warning_version")),
    )
    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.create_index("ix_bulletin_created", ["created", "id"], unique=False)
        batch_op.create_index("ix_bulletin_released", ["released"], unique=False)
        batch_op.create_index(batch_op.f("ix_bulletin_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_bulletin_warning"), ["warning"], unique=False)

    op.create_table(
        "release",
        sa.Column("bulletin", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("manifest", JSON, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["bulletin"], ["bulletin.id"], name=op.f("fk_release_bulletin")),
        sa.PrimaryKeyConstraint("bulletin", name=op.f("pk_release")),
    )
    op.create_table(
        "wave",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("bulletin", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("flow", sa.String(length=60), nullable=False),
        sa.Column("standing", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("added", JSON, nullable=True),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.Column("released", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('approved', 'approving', 'ended', 'planned', 'released', 'void')",
            name=op.f("ck_wave_state_known"),
        ),
        sa.ForeignKeyConstraint(["bulletin"], ["bulletin.id"], name=op.f("fk_wave_bulletin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave")),
    )
    with op.batch_alter_table("wave", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wave_bulletin"), ["bulletin"], unique=False)

    op.create_table(
        "step",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("bulletin", sa.String(length=40), nullable=False),
        sa.Column("wave", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=True),
        sa.Column("deadline", sa.BigInteger(), nullable=True),
        sa.Column("remind_at", sa.BigInteger(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('done', 'open', 'returned', 'void', 'waiting')", name=op.f("ck_step_state_known")
        ),
        sa.ForeignKeyConstraint(["wave"], ["wave.id"], name=op.f("fk_step_wave")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
    )
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_step_bulletin"), ["bulletin"], unique=False)
        batch_op.create_index(batch_op.f("ix_step_remind_at"), ["remind_at"], unique=False)
        batch_op.create_index("ix_step_state", ["state"], unique=False)


def downgrade() -> None:
    """Back to the one before."""
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_subject"))

    op.drop_table("report")
    op.drop_table("restart")
    op.drop_table("heartbeat")
    op.drop_table("task")
    op.drop_table("recovery")
    op.drop_table("ledger_head")
    op.drop_table("credential")
    op.drop_table("alarm")
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.drop_index("ix_step_state")
        batch_op.drop_index(batch_op.f("ix_step_remind_at"))
        batch_op.drop_index(batch_op.f("ix_step_bulletin"))

    op.drop_table("step")
    with op.batch_alter_table("wave", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wave_bulletin"))

    op.drop_table("wave")
    op.drop_table("release")
    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulletin_warning"))
        batch_op.drop_index(batch_op.f("ix_bulletin_state"))
        batch_op.drop_index("ix_bulletin_released")
        batch_op.drop_index("ix_bulletin_created")

    op.drop_table("bulletin")
    with op.batch_alter_table("warning", schema=None) as batch_op:
        batch_op.drop_index("ix_warning_current")

    op.drop_table("warning")
    op.drop_table("token")
    op.drop_table("source")
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shift_unit"))

    op.drop_table("shift")
    op.drop_table("scan")
    op.drop_table("news")
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscription_lookup"))
        batch_op.drop_index(batch_op.f("ix_subscription_asked"))

    op.drop_table("subscription")
    op.drop_table("poll")
    op.drop_table("airing")
    with op.batch_alter_table("page", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_page_seq"))
        batch_op.drop_index(batch_op.f("ix_page_owner"))

    op.drop_table("page")
    op.drop_table("pack_version")
    with op.batch_alter_table("pack_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pack_report_pack"))

    op.drop_table("pack_report")
    with op.batch_alter_table("activation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activation_pack"))

    op.drop_table("activation")
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_response_warning"))

    op.drop_table("response")
    op.drop_table("officer")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_subject"))
        batch_op.drop_index(batch_op.f("ix_notice_state"))

    op.drop_table("notice")
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_subject"))

    op.drop_table("ledger")
    with op.batch_alter_table("jotting", schema=None) as batch_op:
        batch_op.drop_index("ix_jotting_place")

    op.drop_table("jotting")
    op.drop_table("idempotency")
    op.drop_table("hub")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_delivery"))

    op.drop_table("evidence")
    with op.batch_alter_table("endpoint", schema=None) as batch_op:
        batch_op.drop_index("ix_endpoint_medium_mode")
        batch_op.drop_index(batch_op.f("ix_endpoint_contact"))

    op.drop_table("endpoint")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_warning_endpoint")
        batch_op.drop_index("ix_delivery_channel_created")
        batch_op.drop_index(batch_op.f("ix_delivery_bulletin"))
        batch_op.drop_index(batch_op.f("ix_delivery_batch"))

    op.drop_table("delivery")
    op.drop_table("counter")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_unit"))

    op.drop_table("contact")
    op.drop_table("channel")
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batch_wave"))
        batch_op.drop_index("ix_batch_claim")
        batch_op.drop_index(batch_op.f("ix_batch_bulletin"))
        batch_op.drop_index("ix_batch_accounted")

    op.drop_table("batch")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_delivery"))
        batch_op.drop_index("ix_attempt_channel_ref")

    op.drop_table("attempt")
    op.drop_table("artefact")
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approval_bulletin"))

    op.drop_table("approval")
    op.drop_table("alert_identity")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index("ix_alert_state")
        batch_op.drop_index(batch_op.f("ix_alert_received"))
        batch_op.drop_index("ix_alert_identity")

    op.drop_table("alert")
