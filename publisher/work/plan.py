"""What exactly would go out? Joins planning (who, after whose yes) and rendering (which bytes) into the one Plan.

Preview and release use this same Plan: what was approved is what is sent.
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select

from channels.base import About, Composed, Composes, Fields, Pull
from publisher.core import approval, planning
from publisher.core.manifest import digest_of, manifest
from publisher.model.bulletin import Bulletin, Chain, Content
from publisher.model.pack import Pack
from publisher.model.plan import Artefact, Plan, PlannedWave, PlannedWay, Problem, TextKey
from publisher.model.slots import slot
from publisher.model.words import Mode
from publisher.store import clock, directory
from publisher.store.codec import dump
from publisher.store.database import Tx
from publisher.store.tables import alert
from publisher.work import bulletins, surfaces
from publisher.work.context import Hub

SOURCE_TYPES = frozenset({"application/cap+xml", "application/xml", "text/xml", "application/json"})
"""What a relayed signal's bytes are served as; anything else is served as bytes, for a browser must not run it."""

CARRIED = frozenset({"cap", "cap-cn"})
"""Files of the release that a channel may hand on instead of a text of its own (`Traits.carries`)."""


async def make(hub: Hub, tx: Tx, one: Bulletin) -> Plan:
    """The plan of a bulletin as of now. Raises pydantic, template and signing errors only for broken installations."""
    pack = await hub.packs.get(tx, one.pack)
    now = await clock.now(tx)
    chain = await bulletins.chain_before(tx, one)
    content = one.content
    draft = planning.draft(
        content,
        pack=pack,
        endpoints=await directory.endpoints(tx, mode=content.mode.value),
        chain=chain,
        channels=await hub.channels.usable(tx),
        now=now,
    )
    render = _Render(hub, content, pack, chain)
    artefacts = {made.name: made for made in render.all(draft.waves, await _opened(hub, tx, draft.waves))}
    artefacts |= {made.name: made for made in await _source(tx, content)}
    problems = (*draft.problems, *render.problems, *_floors(draft.waves, content, pack))
    whole = manifest(
        content,
        world=hub.world.value,
        warning=one.warning,
        pack=pack.hash,
        content_json=dump(content),
        waves=draft.waves,
        artefacts=artefacts,
    )
    return Plan(draft.waves, artefacts, problems, draft.why, whole, digest_of(whole), draft.valid_until)


async def _source(tx: Tx, content: Content) -> Sequence[Artefact]:
    """The very bytes of a relayed signal, which stand beside our own CAP."""
    if content.origin is None or not content.origin.relay:
        return ()
    row = (await tx.execute(select(alert.c.raw, alert.c.media_type).where(alert.c.id == content.origin.alert))).first()
    if row is None:
        return ()
    plain = row.media_type.partition(";")[0].strip().lower()
    media_type = plain if plain in SOURCE_TYPES else "application/octet-stream"
    return (Artefact("source", surfaces.SOURCE, media_type, bytes(row.raw)),)


async def _opened(hub: Hub, tx: Tx, waves: Sequence[PlannedWave]) -> Mapping[str, Composes]:
    """The push channels of the plan, for their provider's shape of a message."""
    names = {name for wave in waves for way in wave.ways for name in way.way.channels}
    found = {name: await hub.channels.desk(tx, name) for name in sorted(names)}
    return {name: one for name, one in found.items() if not isinstance(one, Pull)}


def _floors(waves: Sequence[PlannedWave], content: Content, pack: Pack) -> Iterator[Problem]:
    rank = planning.rank_of(content, pack)
    for wave in waves:
        problem = approval.unsigned_allowed(wave, act=content.act, rank=rank, pack=pack)
        if problem is not None:
            yield problem


def _artefact(key: TextKey, made: Composed) -> Artefact:
    return Artefact(
        name=key.name,
        kind=key.kind,
        media_type=made.media_type,
        body=made.body,
        section=key.section,
        language=key.language,
        facts=made.facts,
    )


def single(hub: Hub, content: Content, pack: Pack, key: TextKey, channel: Composes) -> Artefact:
    """The text of `key` as `channel` shapes it, slots unfilled, for a content that is in no chain."""
    return _Render(hub, content, pack, Chain()).one(key, channel)


class _Render:
    """Renders every owed text once and collects what does not fit."""

    def __init__(self, hub: Hub, content: Content, pack: Pack, chain: Chain) -> None:
        self._hub, self._content, self._pack, self._chain = hub, content, pack, chain
        self._texts = hub.texts(pack)
        first = chain.issued[0].public_id if chain.issued else slot("id", "raw")
        self._url = f"{hub.public_url}{'' if content.mode is Mode.ACTUAL else '/exercise'}/w/{first}"
        self.problems: list[Problem] = []

    def all(self, waves: Sequence[PlannedWave], channels: Mapping[str, Composes]) -> Iterator[Artefact]:
        """Every artefact of the plan: pushed messages by group, and the files of pull surfaces."""
        ways = [way for wave in waves for way in wave.ways]
        done: dict[str, tuple[str, Artefact]] = {}
        for way in ways:
            for group in way.groups:
                self._owed(way, group.text, channels, done)
        yield from (made for _, made in done.values())
        yield from surfaces.files(
            self._hub, self._content, pack=self._pack, chain=self._chain, url=self._url, ways=ways, fields=self._words
        )

    def one(self, key: TextKey, channel: Composes) -> Artefact:
        """One text by one channel, outside any plan."""
        if key.kind not in CARRIED:
            return _artefact(key, channel.compose(self._fields(key)))
        wanted = surfaces.file_of(key)
        files = surfaces.carried_files(self._hub, self._content, self._pack, self._chain, self._words)
        return next(made for made in files if made.name == wanted)

    def _owed(
        self,
        way: PlannedWay,
        key: TextKey,
        channels: Mapping[str, Composes],
        done: dict[str, tuple[str, Artefact]],
    ) -> None:
        """Render a text once; a second channel of its kind must shape it the same way."""
        first = way.way.channels[0]
        if key.kind in CARRIED:
            self._carries(way, key, channels)
        elif first not in channels:
            return
        elif key.name not in done:
            done[key.name] = first, self._message(way, key, channels)
        elif done[key.name][0] != first:
            self._one_shape(channels[first].compose(self._fields(key)), done[key.name][1], first)

    def _carries(self, way: PlannedWay, key: TextKey, channels: Mapping[str, Composes]) -> None:
        """Every channel of the way must hand on the same file of the release, and there must be one."""
        for name in way.way.channels:
            if name in channels and channels[name].traits.carries != key.kind:
                says = f"{name} does not carry the {key.kind} file that {way.way.channels[0]} does"
                self.problems.append(Problem("FAILOVER_DIFFERS", key.name, says, True))
        if key.kind == "cap-cn" and not self._pack.about.cn_dialect:
            says = f"{way.way.channels[0]} carries the 12379 file, which this pack does not write (cn_dialect)"
            self.problems.append(Problem("FILE_MISSING", key.name, says, True))

    def _one_shape(self, made: Composed, kept: Artefact, channel: str) -> None:
        if made.body != kept.body:
            says = f"{channel} shapes this text differently from another channel of kind {kept.kind}"
            self.problems.append(Problem("SHAPE_DIFFERS", kept.name, says, True))

    def _words(self, key: TextKey) -> Mapping[str, str]:
        return self._texts.fields(
            key.medium,
            content=self._content,
            section=key.section,
            language=key.language,
            endpoint_class=key.endpoint_class,
            pack=self._pack,
            chain=self._chain,
            look=key.look,
            url=self._url,
        )

    def _fields(self, key: TextKey) -> Fields:
        level = self._pack.level[self._content.sections[key.section].level]
        return Fields(
            words=self._words(key),
            language=key.language,
            level=level.id,
            colour=level.colour,
            rank=level.rank,
            exercise=self._content.mode is not Mode.ACTUAL,
            url=self._url,
            about=About(self._content, key.section, self._chain, self._pack),
        )

    def _message(self, way: PlannedWay, key: TextKey, channels: Mapping[str, Composes]) -> Artefact:
        fields = self._fields(key)
        made = channels[way.way.channels[0]].compose(fields)
        self._fits(key, made)
        self._same(way, key, made, fields, channels)
        return _artefact(key, made)

    def _fits(self, key: TextKey, made: Composed) -> None:
        for says in made.overflow:
            self.problems.append(Problem("DOES_NOT_FIT", key.name, says, False))

    def _same(
        self, way: PlannedWay, key: TextKey, made: Composed, fields: Fields, channels: Mapping[str, Composes]
    ) -> None:
        """A channel that stands in for the first must send the very same bytes."""
        for name in way.way.channels[1:]:
            if name in channels and channels[name].compose(fields).body != made.body:
                says = f"{name} shapes this text differently from {way.way.channels[0]}; it cannot stand in for it"
                self.problems.append(Problem("FAILOVER_DIFFERS", key.name, says, True))
