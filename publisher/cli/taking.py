"""How does a file of a list come in from a shell? It is compared first, shown, and taken once somebody has said yes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.shared import SHELL, acting, fail, looking, out, read_bytes

if TYPE_CHECKING:
    from publisher.model.directory import Officer
    from publisher.model.pack import Pack
    from publisher.work.difference import Diff, Keeps

FileArgument = Annotated[Path, typer.Argument(help="The file; - for standard input.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Take it without asking.")]


def shell(pack: "Pack") -> "Officer":
    """Whoever has the hub's own machine: an administrator of the centre."""
    from publisher.model.directory import Officer
    from publisher.model.words import OfficerId

    return Officer(OfficerId(SHELL), SHELL, frozenset({"admin"}), pack.about.centre)


def take(kept: "Keeps", file: Path, *, yes: bool, data: Path | None) -> None:
    """Compare, show, and take what was shown once it is agreed to."""
    if str(file) == "-" and not yes:
        raise fail("a file from standard input is taken with --yes")
    raw = read_bytes(file)
    diff = looking(data, lambda tx, pack: kept.compare(tx, raw, pack=pack, by=shell(pack)))
    show(diff)
    if diff.empty:
        return
    if not yes and not typer.confirm("Take these changes?"):
        raise fail("nothing was done")
    acting(data, lambda tx, pack: kept.take(tx, raw, diff.digest, pack=pack, by=shell(pack)))
    out().print("taken", markup=False)


def show(diff: "Diff[Any]") -> None:
    """The difference, a line an entry or field."""
    if diff.empty:
        out().print("It is the list we have.", markup=False)
    for sign, some in (("+", diff.added), ("-", diff.removed)):
        for one in some:
            out().print(f"{sign} {one.id}  {one.unit}", markup=False)
    for who, fields in diff.changed.items():
        for name, (old, new) in fields.items():
            out().print(f"~ {who}  {name}: {old or '(none)'} -> {new or '(none)'}", markup=False)
