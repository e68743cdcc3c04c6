"""`tocsin policy explain`: what a pack says of one case, and why."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.packs import opened
from publisher.cli.shared import USAGE, fail, out, print_json, read_bytes
from publisher.model.words import Act, AreaCode, HazardCode, LevelId, Mode, SourceId, UnitId

if TYPE_CHECKING:
    from publisher.core.policy import Fact
    from publisher.model.pack import Pack


def explain(
    pack: Annotated[str, typer.Argument(help="A pack's name or folder.")],
    alert: Annotated[Path | None, typer.Argument(help="An alert to explain; or name a case below.")] = None,
    hazard: Annotated[str, typer.Option(help="A hazard's code, such as 11B03.")] = "",
    level: Annotated[str, typer.Option(help="A level, such as red.")] = "",
    area: Annotated[list[str] | None, typer.Option(help="A warned area; may be given again.")] = None,
    unit: Annotated[str, typer.Option(help="The issuing unit; default: the centre.")] = "",
    source: Annotated[str, typer.Option(help="The source it came from.")] = "",
    act: Annotated[Act, typer.Option(help="What the bulletin does.")] = Act.ISSUE,
    mode: Annotated[Mode, typer.Option(help="What it is for.")] = Mode.ACTUAL,
    at: Annotated[str, typer.Option(help="When, in the pack's zone: 2026-07-21T02:30; default: now.")] = "",
    relay: Annotated[bool, typer.Option("--relay", help="An unaltered text of its source.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what the policy decides in a case: every answer with its rule, file and line, and every rule tried."""
    files, made = opened(pack)
    if alert is not None:
        told = _alert(files, made, read_bytes(alert))
    else:
        fact = _fact(made, hazard, level, area or [], unit or made.about.centre, source, act, mode, at)
        told = _case(made, fact, relay)
    if as_json:
        print_json(told)
    else:
        _show(told)


def _fact(
    pack: "Pack", hazard: str, level: str, areas: list[str], unit: str, source: str, act: Act, mode: Mode, at: str
) -> "Fact":
    """The case asked about. Raises a usage exit that names everything the pack does not have."""
    from zoneinfo import ZoneInfo

    from publisher.core.policy import Fact

    areas = areas or [pack.about.root_area]
    wrong = [] if hazard in pack.hazards else [f"--hazard {hazard or '(none)'} is not in hazards.yaml"]
    wrong += [] if level in pack.level else [f"--level {level or '(none)'}: there are {', '.join(pack.level)}"]
    wrong += [f"--area {one} is not in areas.csv" for one in areas if one not in pack.areas]
    wrong += [] if unit in pack.units else [f"--unit {unit} is not in units.csv"]
    zone = ZoneInfo(pack.about.time_zone)
    try:
        moment = datetime.fromisoformat(at) if at else datetime.now(zone)
    except ValueError:
        wrong.append(f"--at {at}: write 2026-07-21T02:30")
        moment = datetime.now(zone)
    if wrong:
        raise fail("\n".join(wrong), USAGE)
    return Fact(
        hazard=HazardCode(hazard),
        hazard_class=pack.hazards[HazardCode(hazard)].hazard_class,
        level=LevelId(level),
        unit=UnitId(unit),
        areas=tuple(AreaCode(one) for one in areas),
        source=SourceId(source) if source else None,
        act=act,
        mode=mode,
        wave="",
        at=moment if moment.tzinfo else moment.replace(tzinfo=zone),
    )


def _case(pack: "Pack", fact: "Fact", relay: bool) -> dict[str, Any]:
    from publisher.core import answers, decision
    from publisher.store.codec import dump

    found = answers.of_policy(pack, fact, relay=relay)
    made = decision.decide(pack, fact, relay=relay)
    return {"answers": [dump(one) for one in found], "why": [dump(one) for one in made.why]}


def _alert(files: Any, pack: "Pack", raw: bytes) -> dict[str, Any]:
    from datetime import UTC

    from publisher.cli.packs import people
    from publisher.core import answers, decision, planning
    from publisher.core.archive import source_of
    from publisher.core.intake import classify
    from publisher.formats.read import read
    from publisher.intake.judge import content_of
    from publisher.store.codec import dump

    reading = read(raw, tolerant=True)
    if reading.alert is None:
        raise fail("\n".join(f"{one.code} {one.path}: {one.message}" for one in reading.findings))
    now = reading.alert.sent or datetime.now(UTC)
    source = source_of(reading, people((files, pack))[0], pack)
    made = classify(reading, source, pack, now)
    found, why = list(answers.of_intake(made, pack)), list(made.why)
    if made.outcome != "refused" and made.hazard is not None and made.sections:
        content = content_of(made, reading, source, "explained")
        fact = planning.fact_of(content, pack, now)
        found += answers.of_policy(pack, fact, relay=source.relay, content=content)
        why += decision.decide(pack, fact, relay=made.relay and not made.doubts).why
    return {"answers": [dump(one) for one in found], "why": [dump(one) for one in why]}


def _show(told: dict[str, Any]) -> None:
    to = out()
    for one in told["answers"]:
        rule = " ".join(part for part in (one["rule"], one["where"]) if part)
        to.print(f"{one['question']}: {one['value'] or 'nothing said'}{f'   [{rule}]' if rule else ''}", markup=False)
    to.print("\nRules tried, in order:")
    for one in told["why"]:
        to.print(
            f"  {'✓' if one['held'] else '·'} {one['question']}: {one['rule']} ({one['where']}) {one['says']}",
            markup=False,
        )
