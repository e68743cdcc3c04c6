"""May this batch be sent, and how? Opens its channel, and refuses bytes that are not the approved ones."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select

from channels.base import Channel, Pull, Reconciles, Traits
from publisher.core.retrying import Repeat
from publisher.model.delivery import Message
from publisher.model.words import ApprovalKind
from publisher.store.database import Database, Tx
from publisher.store.tables import approval, artefact, scan
from publisher.work.channels import Channels
from publisher.work.claim import Claim
from publisher.work.flight import GRACE, Sends
from publisher.work.sealed import Opening
from publisher.work.settle import Terms
from publisher.work.shelf import Shelf

BLIND_WINDOW = 64
PULL_WINDOW = 500


class Refuse(Exception):
    """This batch must not be sent as it is: its bytes are missing, or not those that were approved."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What a claim needs before its first call. `window`: targets in flight at most; `limit`: seconds of patience.

    `traits`: of the account whose rate and quota count; None where nobody is called.
    """

    sends: Sends
    message: Message
    terms: Terms
    window: int
    limit: float
    traits: Traits | None = None


def repeat_of(channel: Channel) -> Repeat:
    """How a lost answer is made good: a kind that says it can be asked, but cannot, counts as blind."""
    if isinstance(channel, Pull):
        return "keyed"
    if channel.traits.repeat == "queryable" and not isinstance(channel, Reconciles):
        return "blind"
    return channel.traits.repeat


async def prepare(db: Database, channels: Channels, tx: Tx, claim: Claim, jitter: float) -> Ready:
    """Everything for the first call. Raises Refuse, or Misconfigured when the channel cannot be opened."""
    channel = await channels.get(tx, claim.channel)
    repeat = repeat_of(channel)
    if isinstance(channel, Pull):
        message = _nothing(claim)
        sends: Sends = Shelf(db, channel)
        window = PULL_WINDOW
    else:
        message = await _message(tx, claim)
        sends = Opening(channel, channels.vault) if channels.vault else channel
        window = min(channel.traits.window, BLIND_WINDOW) if repeat == "blind" else channel.traits.window
    terms = Terms(claim, repeat, jitter, message.sha256)
    account = None if isinstance(channel, Pull) else channel.traits
    return Ready(sends, message, terms, max(window, 1), channel.traits.timeout + GRACE, account)


def unopened(claim: Claim, jitter: float) -> Terms:
    """How to judge for a channel that could not even be opened."""
    return Terms(claim, "keyed", jitter, "")


def _nothing(claim: Claim) -> Message:
    """Pull pages were written by the release; nothing is handed over."""
    return Message("", b"", claim.expires, claim.exercise, claim.text, "")


async def _message(tx: Tx, claim: Claim) -> Message:
    wanted = select(artefact.c.media_type, artefact.c.final, artefact.c.final_hash).where(
        artefact.c.bulletin == claim.bulletin, artefact.c.name == claim.text
    )
    row = (await tx.execute(wanted)).first()
    if row is None or row.final is None:
        raise Refuse(f"{claim.text} of {claim.bulletin} has no final bytes: release the bulletin again")
    found = hashlib.sha256(row.final).hexdigest()
    if found != row.final_hash:
        raise Refuse(
            f"{claim.text} of {claim.bulletin} has hash {found[:16]}, not {str(row.final_hash)[:16]} as released"
        )
    scans = await scans_of(tx, claim.bulletin) if claim.text.startswith("cap.cn.") else ()
    return Message(row.media_type, bytes(row.final), claim.expires, claim.exercise, claim.text, found, scans)


async def scans_of(tx: Tx, bulletin: str) -> tuple[tuple[str, bytes], ...]:
    """The scans of paper approvals, which the upper platform files with the warning."""
    attested = select(approval.c.evidence).where(
        approval.c.bulletin == bulletin, approval.c.kind == ApprovalKind.ATTESTED.value, approval.c.void.is_(False)
    )
    told = (await tx.execute(attested.order_by(approval.c.id))).scalars()
    papers = list(dict.fromkeys(paper for one in told if (paper := one.get("scan"))))
    wanted = select(scan.c.id, scan.c.media_type, scan.c.body).where(scan.c.id.in_(papers))
    found = {row.id: (row.media_type, bytes(row.body)) for row in await tx.execute(wanted)}
    return tuple(found[one] for one in papers if one in found)
