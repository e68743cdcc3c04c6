"""Which files do pull surfaces need from a bulletin? CAP, the page fragment, feed words, crawl, script and panel texts.

One set per bulletin and language, whoever fetches it. Panel texts come in each look that a screen of the audience has;
their pictures are drawn at release from the filled text.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from publisher.formats import outgoing
from publisher.formats.cap_write import write_cap
from publisher.formats.cn_write import write_cn
from publisher.formats.outgoing import PublicWords
from publisher.formats.resources import SPOKEN
from publisher.model.bulletin import Chain, Content
from publisher.model.pack import Pack, said
from publisher.model.plan import Artefact, PlannedWay, TextKey
from publisher.model.words import Act, EndpointClass, Language, Medium
from publisher.render import led
from publisher.render.speech import audio
from publisher.render.speech.voice import NoVoice
from publisher.work.context import Hub

Words = Callable[[TextKey], Mapping[str, str]]


def file_of(key: TextKey) -> str:
    """The artefact that carries an owed text: pull kinds share one file a bulletin, pushes have one of their own."""
    match key.kind:
        case "feed":
            return "cap.xml"
        case "cap":
            return "cap.xml"
        case "cap-cn":
            return f"cap.cn.{key.section}.xml"
        case "broadcast":
            return f"crawl.{key.language}.txt"
        case "led":
            return f"led.{key.section}.{key.language}.{key.look}.txt"
        case _:
            return key.name


def files(
    hub: Hub, content: Content, *, pack: Pack, chain: Chain, url: str, ways: Sequence[PlannedWay], fields: Words
) -> Iterator[Artefact]:
    """Every file the plan's pull kinds need, slots unfilled."""
    kinds = {kind for way in ways for kind in way.kinds}
    carried = {group.text.kind for way in ways for group in way.groups} & {"cap", "cap-cn"}
    if carried or "feed" in kinds:
        yield from carried_files(hub, content, pack, chain, fields)
    if "feed" in kinds:
        yield from _feed(hub, content, pack, chain, url, _public_words(content, pack, fields))
    if "broadcast" in kinds:
        yield from _broadcast(content, pack, fields)
    if {"feed", "broadcast"} <= kinds and not content.act.ends:
        yield from _aloud(content, pack)
    if "led" in kinds:
        yield from _panels(hub, content, pack, ways, fields)


def carried_files(hub: Hub, content: Content, pack: Pack, chain: Chain, fields: Words) -> Iterator[Artefact]:
    """The machine's own files, which partners are handed: CAP, and the 12379 file of every section."""
    yield from _cap(hub, content, pack, chain, _public_words(content, pack, fields), fields)


def _public_words(content: Content, pack: Pack, fields: Words) -> PublicWords:
    return {language: _feed_words(content, pack, language, fields) for language in _languages(content, pack)}


def _reads(content: Content) -> EndpointClass:
    """How public texts read: what changed for an update, else the full state, for who looks may be new to it."""
    return EndpointClass.CHANGED if content.act is Act.UPDATE else EndpointClass.NEW


def _key(content: Content, medium: Medium, section: int, language: Language, look: str = "") -> TextKey:
    return TextKey(medium.value, medium, section, language, _reads(content), look)


def _languages(content: Content, pack: Pack) -> Iterator[Language]:
    """The pack's languages in which every section has words, the first one always."""
    for language in pack.about.languages:
        if language == pack.language or all(language in section.words for section in content.sections):
            yield language


def _feed_words(content: Content, pack: Pack, language: Language, fields: Words) -> Sequence[Mapping[str, str]]:
    return [fields(_key(content, Medium.FEED, number, language)) for number in range(len(content.sections))]


def _cap(hub: Hub, content: Content, pack: Pack, chain: Chain, words: PublicWords, fields: Words) -> Iterator[Artefact]:
    body = write_cap(content, pack=pack, chain=chain, public_url=hub.public_url, words=words)
    yield Artefact("cap.xml", "cap", "application/cap+xml", body)
    if not pack.about.cn_dialect:
        return
    for number in range(len(content.sections)):
        texts = _methods(content, number, pack, fields)
        made = write_cn(content, number, pack=pack, chain=chain, texts=texts, words=words)
        yield Artefact(f"cap.cn.{number}.xml", "cap-cn", "application/xml", made, section=number)


def _methods(content: Content, section: int, pack: Pack, fields: Words) -> Mapping[str, str]:
    """The 12379 file's text per method."""
    sms = fields(_key(content, Medium.SMS, section, pack.language))["body"]
    screen = fields(_key(content, Medium.SCREEN, section, pack.language))["body"]
    station = fields(_key(content, Medium.STATION, section, pack.language))
    summary = fields(_key(content, Medium.FEED, section, pack.language))["summary"]
    return {
        "SMS": sms,
        "LED": screen,
        "SPEAKER": station["script"],
        "TV": station["crawl"],
        "BROADCAST": station["script"],
        "WEB": summary,
    }


def _feed(hub: Hub, content: Content, pack: Pack, chain: Chain, url: str, words: PublicWords) -> Iterator[Artefact]:
    for language, said_so in words.items():
        entry = {
            "title": outgoing.title(said_so, content, pack),
            "summary": "\n".join(one["summary"] for one in said_so),
        }
        body = json.dumps(entry, ensure_ascii=False, sort_keys=True).encode()
        yield Artefact(f"entry.{language}.json", "feed", "application/json", body, language=language)
        page = hub.pages.warning(content, pack=pack, chain=chain, language=language, url=url, words=said_so)
        yield Artefact(f"page.{language}.html", "feed", "text/html", page.encode(), language=language)


def _broadcast(content: Content, pack: Pack, fields: Words) -> Iterator[Artefact]:
    for language in _languages(content, pack):
        words = [fields(_key(content, Medium.STATION, n, language)) for n in range(len(content.sections))]
        crawl, script = (glue.join(one[field] for one in words) for field, glue in (("crawl", " "), ("script", "\n")))
        yield Artefact(f"crawl.{language}.txt", "broadcast", "text/plain", crawl.encode(), language=language)
        yield Artefact(
            f"radio.{language}.txt",
            "broadcast",
            "text/plain",
            script.encode(),
            language=language,
            derived=_voice(content, pack, language),
            facts={"seconds": str(audio.reading_seconds(script, language))},
        )


def _aloud(content: Content, pack: Pack) -> Iterator[Artefact]:
    """What CAP's own sound says: no time in it, so that it can be spoken before the release and be signed with it."""
    for language in _languages(content, pack):
        words = (section.words.get(language) for section in content.sections)
        lines = [part for one in words if one for part in (one.headline, one.description, one.instruction) if part]
        if lines and (voiced := _spoken_by(language)):
            body = "\n".join(lines).encode()
            name = f"{SPOKEN}{language}.txt"
            yield Artefact(name, "feed", "text/plain", body, language=language, derived=voiced)


def _spoken_by(language: Language, event: str = "") -> str:
    """What a spoken script is bound by; empty where nothing here can speak."""
    try:
        return audio.parameters(language, event)
    except NoVoice:
        return ""


def _voice(content: Content, pack: Pack, language: Language) -> str:
    """What the spoken script is bound by; empty where nothing here can speak, and the script goes out alone."""
    asked = pack.about.stations.same
    event = asked.events.get(content.hazard, "") if asked and not content.act.ends else ""
    return _spoken_by(language, event)


def _panels(hub: Hub, content: Content, pack: Pack, ways: Sequence[PlannedWay], fields: Words) -> Iterator[Artefact]:
    wanted = {
        (group.text.section, group.text.language, group.text.look)
        for way in ways
        for group in way.groups
        if way.kinds[0] == "led" and _drawable(group.text.look)
    }
    seconds = pack.displays[0].page_seconds if pack.displays else 6
    for section, language, look in sorted(wanted):
        level = pack.level[content.sections[section].level]
        words = fields(_key(content, Medium.SCREEN, section, language, look))
        parameters = led.derived(
            look,
            level.id,
            level.colour,
            level.rank,
            seconds,
            hub.font,
            ink=level.ink,
            glyph=level.glyph,
            label=words["label"] or said(level.name, language),
            keep=_names(content, section, pack, language),
        )
        name = f"led.{section}.{language}.{look}.txt"
        body = words["body"].encode()
        yield Artefact(name, "led", "text/plain", body, section=section, language=language, derived=parameters)


def _names(content: Content, section: int, pack: Pack, language: Language) -> Sequence[str]:
    """Who, where, and the clauses that every text of the level ends with: what no page of a sign may split."""
    unit, told = pack.units.get(content.unit), content.sections[section]
    places = (pack.areas[code].name for code in told.areas if code in pack.areas)
    names = [said(one, language) for one in (*((unit.name,) if unit else ()), *places)]
    return list(dict.fromkeys([*names, *re.findall(r"\w+", said(pack.level[told.level].closing, language))]))


def _drawable(look: str) -> bool:
    """A screen whose size nobody entered, or entered wrongly, shows the text drawn for another."""
    try:
        led.size_of(look)
    except ValueError:
        return False
    return True
