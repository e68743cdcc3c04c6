"""Does a channel really reach somebody? Its probe, then one marked test message to its first test endpoint."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from channels.base import Channel, Health, Misconfigured, Pull, Push, Unavailable
from publisher.core.manifest import sha256
from publisher.formats.sign import sign
from publisher.model import slots
from publisher.model.bulletin import Content, Section, Words
from publisher.model.delivery import Answer, Message, Sent, Target
from publisher.model.directory import Endpoint
from publisher.model.pack import Pack
from publisher.model.plan import TextKey
from publisher.model.words import Act, EndpointClass, Mode
from publisher.store import clock, directory, ledger
from publisher.store.database import Tx
from publisher.work import plan
from publisher.work.context import Hub

LASTS = timedelta(minutes=10)
TEST_WORDS = {
    "zh": Words("渠道测试", "这是一条渠道测试消息，请忽略。", "无需采取任何措施。"),
    "en": Words("Channel test", "This message only tests a channel. Please ignore it.", "There is nothing to do."),
}


async def check(hub: Hub, name: str, *, by: str) -> Health:
    """Probe `name` and send a test through it. What it did is in the ledger; no endpoint of the public is touched."""
    try:
        async with hub.db.read() as tx:
            channel = await hub.channels.get(tx, name)
            endpoint = await _test_endpoint(tx, name, channel)
    except Misconfigured as error:
        return Health(False, str(error))
    if isinstance(channel, Pull):
        return Health(True, "others fetch from this one; there is no account to try")
    health = await channel.probe()
    if not health.ok:
        return health
    if endpoint is None:
        wanted = channel.traits.medium.value
        return Health(False, f"{health.says}; no test sent: add a verified {wanted} endpoint of mode test")
    return await _send(hub, name, channel, endpoint, by)


async def _test_endpoint(tx: Tx, name: str, channel: Channel) -> Endpoint | None:
    """One that is tagged with the channel's name, else one that is not tagged for another."""
    found = await directory.endpoints(tx, mode=Mode.TEST.value)
    mine = [one for one in found if one.medium is channel.traits.medium and one.state == "verified"]
    fitting = [one for one in mine if name in one.tags] or [one for one in mine if not one.tags]
    return min(fitting, key=lambda one: one.id, default=None)


async def _send(hub: Hub, name: str, channel: Push, endpoint: Endpoint, by: str) -> Health:
    async with hub.db.write() as tx:
        pack = await hub.packs.active(tx)
        message = await _message(hub, tx, channel, endpoint, pack)
        body = {"endpoint": endpoint.id, "sha256": message.sha256}
        await ledger.append(tx, actor=by, act="channel.check", subject=name, body=body)
        at = await clock.now(tx)
    key = sha256(f"{name} {at.isoformat()}".encode())[:40]
    target = Target(f"check-{key[:30]}", endpoint.id, endpoint.address, key)
    try:
        answers = [answer async for _, answer in channel.send(message, [target])]
    except (Unavailable, Misconfigured) as error:
        return Health(False, f'the test to "{endpoint.id}" was not sent: {error}')
    return _judged(endpoint, answers[0])


def _judged(endpoint: Endpoint, answer: Answer) -> Health:
    if isinstance(answer, Sent):
        ref = f'"{answer.ref}"' if answer.ref else "no reference"
        return Health(True, f'the account works; the test to "{endpoint.id}" was taken ({ref})')
    said = " ".join(filter(None, (type(answer).__name__, answer.reason, answer.detail)))
    return Health(False, f'the account works, the test to "{endpoint.id}" did not: {said}')


async def _message(hub: Hub, tx: Tx, channel: Push, endpoint: Endpoint, pack: Pack) -> Message:
    now = await clock.now(tx)
    content = _content(pack, endpoint, now + LASTS)
    kind = channel.traits.carries or channel.traits.kind
    key = TextKey(kind, endpoint.medium, 0, endpoint.language, EndpointClass.NEW, endpoint.look)
    made = plan.single(hub, content, pack, key, channel)
    zone = ZoneInfo(pack.about.time_zone)
    body = slots.fill_bytes(made.body, issued=now, public_id=f"test-{now:%Y%m%d%H%M%S}", zone=zone)
    if made.kind == "cap":
        body = sign(body, hub.keys.key, hub.keys.certificate)
    return Message(made.media_type, body, content.expires, True, made.name, sha256(body))


def _content(pack: Pack, endpoint: Endpoint, expires: datetime) -> Content:
    """The mildest thing that can be said, marked as a test in every language that we know words of."""
    hazard = next(iter(pack.hazards.values()))
    level = min((pack.level[one] for one in hazard.levels), key=lambda one: one.rank)
    words = {one: TEST_WORDS.get(one.partition("-")[0], TEST_WORDS["en"]) for one in pack.about.languages}
    section = Section(level.id, endpoint.areas[:1], words)
    return Content(Act.ISSUE, Mode.TEST, hazard.code, pack.about.centre, (section,), expires)
