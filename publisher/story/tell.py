"""What is worth telling of a finished story? Reads the tables back into the published shape."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from publisher.model.bulletin import Bulletin
from publisher.model.received import Received
from publisher.store.database import Tx
from publisher.store.tables import approval, attempt, batch, channel, delivery, endpoint, wave
from publisher.story import files
from publisher.story.refusal import alert_out, since
from publisher.story.result import (
    AudienceOut,
    DecisionOut,
    DeliveryOut,
    ReleasedWave,
    ReleaseOut,
    StepOut,
    Story,
    WaveOut,
)
from publisher.work import bulletins
from publisher.work.context import Hub


async def told(hub: Hub, got: Received, one: Bulletin, out: Path | None, started: float) -> Story:
    """The whole story of `one`, from the tables."""
    async with hub.db.read() as tx:
        row = await bulletins.row_of(tx, one.id)
        first = (await bulletins.released(tx, one.warning))[0].public_id if row.released else ""
        texts = await _texts(tx, one.id)
        screens = await _screens(tx, one.id)
        found = await files.collect(tx, bulletins.of(row), first, texts, screens)
        waves = await _waves(tx, one.id)
        return Story(
            alert=alert_out(got),
            decision=_decision(bulletins.of(row), row.plan, await _signed(tx, one.id)),
            release=_release(row, waves) if row.released else None,
            deliveries=await _deliveries(tx, one.id),
            artefacts=files.leave(found, out),
            refused=[] if row.released else [f"not released: it is {row.state}"],
            seconds=since(started),
        )


def _release(row: Any, waves: list[ReleasedWave]) -> ReleaseOut:
    return ReleaseOut(digest=row.digest, public_id=row.public_id, at=row.released.isoformat(), waves=waves)


async def _texts(tx: Tx, of: str) -> dict[str, str]:
    """Medium -> the artefact that its largest group gets."""
    rows = await tx.execute(select(batch.c.medium, batch.c.text, batch.c.endpoints).where(batch.c.bulletin == of))
    best: dict[str, tuple[int, str]] = {}
    for row in rows:
        best[row.medium] = max(best.get(row.medium, (0, "")), (len(row.endpoints), row.text))
    return {medium: text for medium, (_, text) in best.items()}


async def _screens(tx: Tx, of: str) -> tuple[str, ...]:
    """Addresses of the screens told, one is enough for the pictures; one that subscribes has none."""
    fetched = select(channel.c.name).where(channel.c.kind == "led")
    told_ids = select(delivery.c.endpoint).where(delivery.c.bulletin == of, delivery.c.channel.in_(fetched))
    wanted = select(endpoint.c.address).where(endpoint.c.id.in_(told_ids)).order_by(endpoint.c.id).limit(1)
    return tuple((await tx.execute(wanted)).scalars())


async def _waves(tx: Tx, of: str) -> list[ReleasedWave]:
    rows = await tx.execute(select(wave).where(wave.c.bulletin == of).order_by(wave.c.position))
    return [ReleasedWave(id=row.rule, digest=row.digest, state=row.state) for row in rows]


async def _signed(tx: Tx, of: str) -> Mapping[str, list[str]]:
    rows = await tx.execute(
        select(approval.c.step, approval.c.officer)
        .where(approval.c.bulletin == of, approval.c.void.is_(False))
        .order_by(approval.c.id)
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.step, []).append(row.officer)
    return found


def _decision(one: Bulletin, plan: Mapping[str, Any], signed: Mapping[str, list[str]]) -> DecisionOut:
    content = one.content
    return DecisionOut(
        act=content.act.value,
        mode=content.mode.value,
        hazard=content.hazard,
        level=content.sections[0].level,
        areas=sorted({area for section in content.sections for area in section.areas}),
        waves=[_wave(one.id, made, signed) for made in plan["waves"]],
        problems=plan["problems"],
        why=plan["why"],
    )


def _wave(of: str, made: Mapping[str, Any], signed: Mapping[str, list[str]]) -> WaveOut:
    steps = [
        StepOut(
            id=step["id"],
            roles=step["roles"],
            quorum=step["quorum"],
            signed_by=signed.get(f"{of}.{made['id']}.{step['id']}", []),
        )
        for step in made["steps"]
    ]
    return WaveOut(
        id=made["id"],
        flow=made["flow"],
        standing=made["standing"],
        steps=steps,
        channels=[name for way in made["ways"] for name in way["channels"]],
        audience=[AudienceOut(medium=w["medium"], endpoints=w["count"], people=w["people"]) for w in made["ways"]],
    )


async def _deliveries(tx: Tx, of: str) -> list[DeliveryOut]:
    tries = select(attempt.c.delivery, func.count().label("n")).group_by(attempt.c.delivery).subquery()
    rows = await tx.execute(
        select(delivery, func.coalesce(tries.c.n, 0).label("n"))
        .outerjoin(tries, tries.c.delivery == delivery.c.id)
        .where(delivery.c.bulletin == of)
        .order_by(delivery.c.wave, delivery.c.endpoint)
    )
    return [
        DeliveryOut(
            wave=row.wave.rsplit(".", 1)[-1],
            channel=row.channel,
            endpoint=row.endpoint,
            state=row.state,
            reason=row.reason,
            uncertain=row.uncertain,
            attempts=row.n,
        )
        for row in rows
    ]
