"""How does a row look on the wire? Rows of the tables as the API's answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from publisher.model.coverage import Coverage, Tally
from publisher.model.received import Received
from publisher.store.alerts import of
from publisher.web import drafting
from publisher.web.api.models import (
    AlertOut,
    BulletinOut,
    DeliveryOut,
    FindingOut,
    InboxItem,
    NewestOut,
    PreviewOut,
    StepOut,
    StillOut,
    TallyOut,
    WarningOut,
)
from publisher.web.preview import Shown, decoded
from publisher.web.reading import Step
from publisher.work import bulletins


def findings(got: Received) -> list[FindingOut]:
    """Every finding of a message."""
    return [
        FindingOut(code=one.code, layer=one.layer, refuses=one.refuses, path=one.path, message=one.message)
        for one in got.findings
    ]


def alert(got: Received) -> AlertOut:
    """The answer to a sender."""
    content = dict(drafting.as_json(got.content)) if got.content else None
    return AlertOut(id=got.id, outcome=got.outcome, findings=findings(got), repeated=got.repeated, content=content)


def inbox_item(row: Row[Any]) -> InboxItem:
    """One kept message."""
    got = of(row)
    return InboxItem(
        id=row.id,
        source=row.source,
        received=row.received,
        sent=row.sent,
        sender=row.sender,
        identifier=row.identifier,
        outcome=row.outcome,
        state=row.state,
        bulletin=row.bulletin,
        findings=findings(got),
        content=dict(drafting.as_json(got.content)) if got.content else None,
    )


def bulletin(row: Row[Any], steps: Sequence[Step] = ()) -> BulletinOut:
    """One bulletin."""
    return BulletinOut(
        id=row.id,
        warning=row.warning,
        version=row.version,
        revision=row.revision,
        state=row.state,
        public_id=row.public_id,
        digest=row.digest,
        valid_until=row.valid_until,
        held_back=row.hold,
        drafter=row.drafter,
        editor=row.editor,
        submitter=row.submitter,
        created=row.created,
        submitted=row.submitted,
        released=row.released,
        ended=row.ended,
        content=dict(drafting.as_json(bulletins.of(row).content)),
        standby=row.standby,
        let_lapse=row.let_lapse,
        steps=[_step(one) for one in steps],
    )


def _step(one: Step) -> StepOut:
    return StepOut(
        id=one.body.id,
        wave=one.wave,
        state=one.state,
        name=dict(one.body.name),
        roles=list(one.body.roles),
        quorum=one.body.quorum,
        deadline=one.deadline,
        signed_by=list(one.signed),
        digest=one.digest,
        reminders=one.reminders,
    )


def preview(found: Shown) -> PreviewOut:
    """A plan."""
    return PreviewOut(
        digest=found.digest,
        valid_until=found.valid_until,
        frozen=found.frozen,
        final=found.final,
        blocked=found.blocked,
        waves=[dict(one) for one in found.waves],
        artefacts=[dict(decoded(one)) for one in found.artefacts],
        problems=[dict(one) for one in found.problems],
        why=[dict(one) for one in found.why],
        told=dict(found.told),
    )


def warning(row: Row[Any], chain: Sequence[Row[Any]] = (), response: str = "") -> WarningOut:
    """One warning with its chain, oldest first."""
    return WarningOut(
        id=row.id,
        hazard=row.hazard,
        mode=row.mode,
        opened=row.opened,
        current=row.current,
        response=response,
        bulletins=[bulletin(one) for one in chain],
    )


def coverage(found: Coverage) -> NewestOut:
    """The account of a warning's newest version."""

    def each(tallies: Mapping[str, Tally]) -> dict[str, TallyOut]:
        return {name: _tally(one) for name, one in tallies.items()}

    return NewestOut(
        bulletin=found.bulletin,
        version=found.version,
        all=_tally(found.all),
        by_medium=each(found.by_medium),
        by_unit=each(found.by_unit),
        by_channel=each(found.by_channel),
        still_showing=[
            StillOut(endpoint=one.endpoint, medium=one.medium, unit=one.unit, version=one.version)
            for one in found.still_showing
        ],
    )


def _tally(one: Tally) -> TallyOut:
    return TallyOut(
        planned=one.planned,
        reached=one.reached,
        taken=one.taken,
        not_reached=one.not_reached,
        open=one.open,
        uncertain=one.uncertain,
        people=one.people,
        states=dict(one.states),
    )


def delivery(row: Row[Any]) -> DeliveryOut:
    """One delivery."""
    return DeliveryOut(
        id=row.id,
        bulletin=row.bulletin,
        version=row.version,
        wave=row.wave.rsplit(".", 1)[-1],
        endpoint=row.endpoint,
        medium=row.medium,
        channel=row.channel,
        state=row.state,
        reason=row.reason,
        uncertain=row.uncertain,
        tries=row.tries,
        people=row.people,
        updated=row.updated,
    )
