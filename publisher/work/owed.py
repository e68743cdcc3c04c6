"""Which bytes are owed? Every text of a plan rendered once, shaped by its channel, and what does not fit or is lost told."""

import re
from collections.abc import Iterator, Mapping, Sequence

from channels.base import About, Composed, Composes, Fields
from publisher.core.filing import filing_of
from publisher.core.kept import lost
from publisher.model.bulletin import Chain, Content
from publisher.model.pack import Pack
from publisher.model.plan import Artefact, PlannedWave, PlannedWay, Problem, TextKey, Told
from publisher.model.slots import slot
from publisher.model.words import Mode
from publisher.render.texts import NoTemplate
from publisher.work import surfaces
from publisher.work.context import Hub

CARRIED = frozenset({"cap", "cap-cn"})
"""Files of the release that a channel may hand on instead of a text of its own (`Traits.carries`)."""

_FIGURE = re.compile(r"\d+")


def _artefact(key: TextKey, made: Composed, facts: Mapping[str, str] | None = None) -> Artefact:
    return Artefact(
        name=key.name,
        kind=key.kind,
        media_type=made.media_type,
        body=made.body,
        section=0 if key.past else key.section,
        language=key.language,
        facts={**made.facts, **(facts or {})},
    )


class Owed:
    """Renders every owed text once and collects what does not fit."""

    def __init__(self, hub: Hub, content: Content, pack: Pack, chain: Chain) -> None:
        self._hub, self._content, self._pack, self._chain = hub, content, pack, chain
        self._texts = hub.texts(pack)
        first = chain.issued[0].public_id if chain.issued else slot("id", "raw")
        self._url = f"{hub.public_url}{'' if content.mode is Mode.ACTUAL else '/exercise'}/w/{first}"
        self.problems: list[Problem] = []
        self.shorter: dict[str, str] = {}
        """Medium -> the pack's short form, where a text does not fit and it does."""

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
                told = {"channel": name, "first": way.way.channels[0]}
                self.problems.append(Problem("FAILOVER_DIFFERS", key.name, says, True, told))
        if key.kind == "cap-cn" and not self._pack.about.cn_dialect:
            says = f"{way.way.channels[0]} carries the 12379 file, which this pack does not write (cn_dialect)"
            self.problems.append(Problem("FILE_MISSING", key.name, says, True, {"channel": way.way.channels[0]}))

    def _one_shape(self, made: Composed, kept: Artefact, channel: str) -> None:
        if made.body != kept.body:
            says = f"{channel} shapes this text differently from another channel of kind {kept.kind}"
            told = {"channel": channel, "kind": kept.kind}
            self.problems.append(Problem("SHAPE_DIFFERS", kept.name, says, True, told))

    def _words(self, key: TextKey) -> Mapping[str, str]:
        words = self._filled(key, short=key.medium in self._content.short)
        self._keeps(key, words)
        return words

    def _filled(self, key: TextKey, *, short: bool) -> Mapping[str, str]:
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
            past=key.past,
            whole=key.whole,
            short=short,
        )

    def _keeps(self, key: TextKey, words: Mapping[str, str]) -> None:
        """A chosen short form that loses what no text may lose is no short form; of other texts it is told."""
        missing = lost(key, words, self._content, self._pack, self._chain)
        if missing:
            says = f"it does not say: {', '.join(missing)}"
            told: Told = {"text": key.name, "lost": tuple(f"plan_value.{name}" for name in missing)}
            self.problems.append(Problem("TEXT_LOSES", key.name, says, key.medium in self._content.short, told))

    def _fields(self, key: TextKey, words: Mapping[str, str] | None = None) -> Fields:
        section = self._chain.past[key.section][1] if key.past else self._content.sections[key.section]
        level = self._pack.level[section.level]
        return Fields(
            words=self._words(key) if words is None else words,
            language=key.language,
            level=level.id,
            colour=level.colour,
            rank=level.rank,
            exercise=self._content.mode is not Mode.ACTUAL,
            url=self._url,
            about=About(self._content, 0 if key.past else key.section, self._chain, self._pack),
        )

    def _message(self, way: PlannedWay, key: TextKey, channels: Mapping[str, Composes]) -> Artefact:
        fields = self._fields(key)
        made = channels[way.way.channels[0]].compose(fields)
        shorter = self._fits(way, key, made, channels)
        self._same(way, key, made, fields, channels)
        return _artefact(key, made, {**self._filed(way, key), **shorter})

    def _fits(
        self, way: PlannedWay, key: TextKey, made: Composed, channels: Mapping[str, Composes]
    ) -> Mapping[str, str]:
        """What does not fit is told with the overflow marked, and the pack's short form proposed where it fits."""
        marked = "; ".join(f"{part}: {text}" for part, text in made.marked.items())
        for says in made.overflow:
            told: Told = {"text": key.name, "figures": tuple(_FIGURE.findall(says)) or ("plan_value.empty",)}
            whole = f"{says}. {marked}" if marked else says
            self.problems.append(Problem("DOES_NOT_FIT", key.name, whole, False, {**told, "marked": marked}))
        if not made.overflow or key.medium in self._content.short:
            return {}
        short = self._shorter(way, key, channels)
        if not short:
            return {}
        says = f"the pack's short form fits: set `short` to hold {key.medium} to use it: {short}"
        told = {"medium": (f"medium.{key.medium}",), "short": short}
        self.problems.append(Problem("SHORT_FORM", key.name, says, False, told))
        self.shorter.setdefault(key.medium.value, short)
        return {"short": short}

    def _shorter(self, way: PlannedWay, key: TextKey, channels: Mapping[str, Composes]) -> str:
        """The short form's words if the pack has one that fits and loses nothing; else empty."""
        try:
            words = self._filled(key, short=True)
        except NoTemplate:
            return ""
        fits = not channels[way.way.channels[0]].compose(self._fields(key, words)).overflow
        kept = not lost(key, words, self._content, self._pack, self._chain)
        return " / ".join(words.values()) if fits and kept else ""

    def _filed(self, way: PlannedWay, key: TextKey) -> Mapping[str, str]:
        """The provider's number of the text and whether it is filed, for every channel that sends only filed ones."""
        facts: dict[str, str] = {}
        for name in way.way.channels:
            found = filing_of(name, key, self._content, self._pack)
            if isinstance(found, Problem):
                self.problems.append(found)
            elif found is not None:
                facts[f"template {name}"] = f"{found.template} ({found.status} {found.on})"
        return facts

    def _same(
        self, way: PlannedWay, key: TextKey, made: Composed, fields: Fields, channels: Mapping[str, Composes]
    ) -> None:
        """A channel that stands in for the first must send the very same bytes."""
        for name in way.way.channels[1:]:
            if name in channels and channels[name].compose(fields).body != made.body:
                says = f"{name} shapes this text differently from {way.way.channels[0]}; it cannot stand in for it"
                told = {"channel": name, "first": way.way.channels[0]}
                self.problems.append(Problem("FAILOVER_DIFFERS", key.name, says, True, told))
