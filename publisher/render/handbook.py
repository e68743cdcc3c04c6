"""What does a pack say, as rules a leader can read and sign? The handbook, as Markdown or printable HTML."""

from collections.abc import Iterator, Sequence
from datetime import date

from jinja2 import Environment, StrictUndefined

from publisher.model.measures import PARTS, Duty, DutyTask, Measure, ResponseRule
from publisher.model.pack import Flow, FlowStep, Pack, Standing, WaveRule, Way
from publisher.model.words import HazardClass
from publisher.render import handbook_fixed as fixed
from publisher.render import handbook_room as room
from publisher.render.handbook_blocks import Block, chapter, head
from publisher.render.handbook_words import Tongue


def blocks(pack: Pack, say: Tongue, today: date) -> Iterator[Block]:
    """The whole book, chapter by chapter. `today` decides which dated criteria are in force."""
    yield from _levels(pack, say)
    yield from _hazards(pack, say, today)
    yield from _issuers(pack, say)
    yield from _flows(pack, say)
    yield from fixed.ahead(pack, say)
    yield from _waves(pack, say)
    yield from fixed.audiences(pack, say)
    yield from _duties(pack, say)
    yield from _responses(pack, say)
    yield from _reports(pack, say)
    yield from _texts(pack, say)
    yield from fixed.filings(pack, say)
    yield from fixed.phrases(pack, say)
    yield from _life(pack, say)
    yield from room.room(pack, say)
    yield from room.subjects(pack, say)
    yield from _examples(pack, say)


def _levels(pack: Pack, say: Tongue) -> Iterator[Block]:
    yield from chapter(say, "levels", say("levels.intro"))
    rows = tuple(
        (
            say.names(one.name),
            one.glyph,
            say.names(one.numeral),
            one.colour,
            one.cap_severity,
            *(say.minutes(n) for n in (one.fresh_minutes, one.review_minutes, one.lease_minutes)),
            *(say.minutes(n) for n in (one.default_minutes, one.max_minutes)),
        )
        for one in pack.levels
    )
    yield Block("table", head=head(say, "levels.head"), rows=rows)
    yield from room.ends(pack, say)


def _hazards(pack: Pack, say: Tongue, today: date) -> Iterator[Block]:
    yield from chapter(say, "hazards", say("hazards.intro"))
    criteria = [
        (
            say.names(one.name),
            say.level(row.level),
            say.names(row.text),
            row.since,
            row.until or say("until_open"),
            row.source,
        )
        for one in pack.hazards.values()
        for row in one.criteria
        if row.in_force(today)
    ]
    if criteria:
        yield Block("rule", say("hazards.criteria"))
        yield Block("table", head=head(say, "hazards.criteria_head"), rows=tuple(criteria))
    yield from room.guidance(pack, say)
    for kind in HazardClass:
        mine = [one for one in pack.hazards.values() if one.hazard_class is kind]
        if mine:
            yield Block("rule", say.code("class", kind))
            rows = tuple(
                (one.code, say.names(one.name), say.every(map(say.level, one.levels)), say.unit(one.lead))
                for one in mine
            )
            yield Block("table", head=head(say, "hazards.head"), rows=rows)


def _issuers(pack: Pack, say: Tongue) -> Iterator[Block]:
    yield from chapter(say, "issuers", say("issuers.intro") if pack.issuers else say("issuers.free"))
    rows = tuple(
        (
            say.names(one.name),
            say.when(one.when),
            say.level(one.up_to),
            say.names(one.why),
            pack.where("hazards.yaml", one.id),
        )
        for one in pack.issuers
    )
    if rows:
        yield Block("table", head=head(say, "issuers.head"), rows=rows)


def _flows(pack: Pack, say: Tongue) -> Iterator[Block]:
    yield from chapter(say, "flows", say("flows.intro", level=_alone(pack, say)))
    for flow in pack.flows:
        yield from _rule(pack, say, "flows.yaml", flow, "flows.when")
        if flow.steps:
            rows = tuple(_step(say, step) for step in flow.steps)
            yield Block("table", head=head(say, "flows.head"), rows=rows)
        else:
            yield Block("text", say("flows.nobody"))
    yield from chapter(say, "standing", say("standing.intro"))
    for one in pack.standing:
        yield from _rule(pack, say, "flows.yaml", one, "flows.when")
        yield Block("text", say("standing.signed", who=say.every(one.signed_by), on=one.signed_on))


def _alone(pack: Pack, say: Tongue) -> str:
    """The gravest level that one signer may release."""
    free = [one for one in pack.levels if one.rank <= pack.about.single_signer_rank] or list(pack.levels)
    return say.names(max(free, key=lambda one: one.rank).name)


def _rule(
    pack: Pack, say: Tongue, file: str, one: Flow | Standing | WaveRule | Duty | ResponseRule, when: str
) -> Iterator[Block]:
    yield Block("rule", say.names(one.name), where=pack.where(file, one.id))
    yield Block("text", say(when, when=say.when(one.when)))
    if not isinstance(one, Standing) and one.why:
        yield Block("note", say.names(one.why))


def _step(say: Tongue, step: FlowStep) -> tuple[str, ...]:
    return (
        say.names(step.name),
        say.list(say.code("role", one) for one in step.roles),
        say(f"flows.unit.{step.unit}"),
        str(step.quorum),
        say.minutes(step.deadline_minutes),
        say.list(say.code("role", one) for one in step.escalate_to),
        say("flows.allowed" if step.attested else "flows.refused"),
    )


def _waves(pack: Pack, say: Tongue) -> Iterator[Block]:
    yield from chapter(say, "waves", say("waves.intro"))
    for wave in pack.waves:
        yield from _rule(pack, say, "channels.yaml", wave, "waves.when")
        yield Block("table", head=head(say, "waves.head"), rows=tuple(_way(pack, say, way) for way in wave.ways))
        yield from fixed.answers(pack, say, wave.ways)
        if not wave.go_on:
            yield Block("text", say("waves.stop"))


def _way(pack: Pack, say: Tongue, way: Way) -> tuple[str, ...]:
    return (
        say.code("medium", way.medium),
        _channels(say, way),
        say.names(pack.audiences[way.audience].name),
        say.minutes(way.deadline_minutes),
        say(f"waves.doubt.{way.uncertain}"),
        say.list(_besides(say, way)),
    )


def _channels(say: Tongue, way: Way) -> str:
    """In failover order, or how they share the load."""
    if not way.weights:
        return " → ".join(way.channels)
    return say("waves.shared", channels=say.every(way.channels), parts=":".join(map(str, way.weights)))


def _besides(say: Tongue, way: Way) -> Iterator[str]:
    if way.repeat_minutes:
        yield say("waves.repeat", minutes=say.minutes(way.repeat_minutes))
    if way.unchanged == "tell":
        yield say("waves.unchanged")
    if way.ends == "all":
        yield say("waves.ends")


def _duties(pack: Pack, say: Tongue) -> Iterator[Block]:
    if not pack.duties:
        return
    yield from chapter(say, "duties", say("duties.intro"))
    for duty in pack.duties:
        yield from _rule(pack, say, "duties.yaml", duty, "duties.when")
        units = tuple(say.every(say.unit(one) for one in getattr(duty, part)) for part in PARTS)
        yield Block("table", head=head(say, "duties.parts"), rows=(units,))
        if duty.tasks:
            rows = tuple(_owed(say, one, one.within_minutes) for one in duty.tasks)
            yield Block("table", head=head(say, "duties.head"), rows=rows)
        if duty.go_on:
            yield Block("text", say("duties.go_on"))


def _owed(say: Tongue, one: DutyTask | Measure, minutes: int) -> tuple[str, ...]:
    units = [say.unit(unit) for unit in one.units]
    if one.unit_kinds:
        units.append(say("duties.kinds", kinds=say.list(say.code("kind", kind) for kind in one.unit_kinds)))
    return say.names(one.name), say.every(units), say.minutes(minutes)


def _responses(pack: Pack, say: Tongue) -> Iterator[Block]:
    if not pack.responses:
        return
    yield from chapter(say, "responses", say("responses.intro"))
    grades = {one.id: say.names(one.name) for one in pack.grades}
    for rule in pack.responses:
        yield from _rule(pack, say, "responses.yaml", rule, "responses.when")
        roles = say.list(say.code("role", one) for one in rule.roles)
        holes = {"grade": grades[rule.grade], "unit": say.unit(rule.declared_by), "roles": roles}
        yield Block("text", say("responses.proposes", minutes=say.minutes(rule.decide_minutes), **holes))
        if rule.headquarters:
            yield Block("text", say("responses.headquarters", name=say.names(rule.headquarters)))
        if rule.measures:
            rows = tuple(_owed(say, one, one.decide_minutes) for one in rule.measures)
            yield Block("table", head=head(say, "responses.head"), rows=rows)


def _reports(pack: Pack, say: Tongue) -> Iterator[Block]:
    if not pack.reports:
        return
    yield from chapter(say, "reports", say("reports.intro"))
    rows = tuple(
        (
            say.names(one.name),
            say.when(one.when),
            say.every(say.unit(unit) for unit in one.to),
            say(f"reports.direction.{one.direction}"),
            say.minutes(one.within_minutes),
            say.names(one.why),
            pack.where("reports.yaml", one.id),
        )
        for one in pack.reports
    )
    yield Block("table", head=head(say, "reports.head"), rows=rows)


def _texts(pack: Pack, say: Tongue) -> Iterator[Block]:
    yield from chapter(say, "texts", say("texts.intro"))
    yield Block("list", items=tuple(say(f"texts.items.{one}") for one in pack.lint.mandatory))
    for name in ("not_in_actual", "not_in_exercise"):
        words: Sequence[str] = getattr(pack.lint, name)
        if words:
            yield Block("rule", say(f"texts.{name}"))
            yield Block("text", say.every(words))


def _life(pack: Pack, say: Tongue) -> Iterator[Block]:
    yield from chapter(say, "life")
    lift, stale = say.minutes(pack.about.lift_shown_minutes), say.minutes(pack.about.stale_after_minutes)
    yield Block("list", items=tuple(str(one).format(lift=lift, stale=stale) for one in say.item("life.lines")))


def _examples(pack: Pack, say: Tongue) -> Iterator[Block]:
    if not pack.examples:
        return
    yield from chapter(say, "examples", say("examples.intro"))
    rows = tuple(
        (
            say.names(one.name),
            say.hazard(one.hazard),
            say.level(one.level),
            say.every(map(say.area, one.areas)),
            one.at.replace("T", " "),
            " ".join(one.rules),
        )
        for one in pack.examples
    )
    yield Block("table", head=head(say, "examples.head"), rows=rows)
    heard = tuple((say.names(one.name), one.says, one.category, " ".join(one.rules)) for one in pack.heard)
    if heard:
        yield Block("text", say("examples.heard"))
        yield Block("table", head=head(say, "examples.heard_head"), rows=heard)


def markdown(pack: Pack, say: Tongue, today: date) -> str:
    """The handbook as Markdown."""
    lines = [
        f"# {say('title', name=say.names(pack.about.name))}",
        "",
        say("intro"),
        "",
        f"* {say('version')}: `{pack.hash}`",
    ]
    lines += [f"* {say('basis')}: {one}" for one in pack.about.legal_basis]
    lines += [f"* {say('signed_by')}: ____________", f"* {say('signed_on')}: ____________", "", say("sign_note"), ""]
    for block in blocks(pack, say, today):
        lines += [*_markdown(block), ""]
    return "\n".join(lines)


def _markdown(block: Block) -> Iterator[str]:
    match block.kind:
        case "chapter":
            yield f"## {block.text}"
        case "rule":
            yield f"### {block.text}{f' (`{block.where}`)' if block.where else ''}"
        case "text":
            yield block.text
        case "note":
            yield f"> {block.text}"
        case "list":
            yield from (f"* {one}" for one in block.items)
        case "table":
            yield _cells(block.head)
            yield _cells(["---"] * len(block.head))
            yield from (_cells(row) for row in block.rows)


def _cells(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def html(pack: Pack, say: Tongue, today: date, template: str) -> str:
    """The handbook as one printable page; `template` is `templates/reports/handbook.html`."""
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    book = tuple(blocks(pack, say, today))
    colours = {say.names(one.name): (one.colour, one.ink) for one in pack.levels}
    return page.from_string(template).render(pack=pack, say=say, book=book, colours=colours, language=say.language)
