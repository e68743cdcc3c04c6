"""`tocsin policy simulate`: past warnings under a changed pack, and every difference with the rule that made it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.packs import archive as files_in
from publisher.cli.packs import opened, people, side
from publisher.cli.shared import out, print_json

if TYPE_CHECKING:
    from publisher.work.replay import Replayed, Report


def simulate(
    pack: Annotated[str, typer.Argument(help="The changed pack: a name or a folder.")],
    archive: Annotated[Path, typer.Argument(help="Past warnings: a file, or a folder of alerts.")],
    against: Annotated[str, typer.Option(help="The pack to compare with.")] = "pudong",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Replay past warnings under a changed pack and list every difference, with the rule and line that made it."""
    from publisher.core.pack_diff import diff
    from publisher.store.codec import dump
    from publisher.work.replay import replay

    old, new = opened(against), opened(pack)
    sources, endpoints = people(old, new)
    report = replay(
        files_in(archive),
        old=side(old[1]),
        new=side(new[1]),
        changes=diff(old[0], new[0]),
        sources=sources,
        endpoints=endpoints,
    )
    if as_json:
        print_json(dump(report))
    else:
        show(report)


def show(report: "Report") -> None:
    """The report for people: each warning that would have gone differently, and the sum."""
    to = out()
    for one in report.unreadable:
        to.print(f"{one.place}: not read: {one.says}", markup=False)
    for warning in report.changed:
        to.print(f"{warning.at}  {warning.title}  ({warning.place})", markup=False)
        _differences(warning)
    same = len(report.warnings) - len(report.changed)
    to.print(f"{len(report.warnings)} warnings replayed: {len(report.changed)} differ, {same} stay as they were")


def _differences(warning: "Replayed") -> None:
    to = out()
    for one in warning.differences:
        to.print(f"  {one.question}", markup=False)
        to.print(f"    - {_line(one.before, one.rule_before, one.where_before)}", markup=False)
        to.print(f"    + {_line(one.after, one.rule_after, one.where_after)}", markup=False)
        for cause in one.causes:
            to.print(f"      because {cause}", markup=False)


def _line(value: str, rule: str, where: str) -> str:
    named = " ".join(part for part in (rule, where) if part)
    told = value.replace("\n", " ⏎ ") or "nothing"
    return f"{told}   [{named}]" if named else told
