"""`tocsin policy handbook`: a pack printed as the working rules a leader signs."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from publisher.cli.packs import opened, version_of
from publisher.cli.shared import USAGE, fail, out

if TYPE_CHECKING:
    from publisher.model.pack import Pack

FALLBACK = "en"


def handbook(
    pack: Annotated[str, typer.Argument(help="A pack's name or folder.")],
    language: Annotated[
        str, typer.Option("--language", "--lang", help="zh or en; default: the pack's first, else en.")
    ] = "",
    form: Annotated[Literal["", "md", "html"], typer.Option("--format", help="Default: by --out's ending.")] = "",
    to: Annotated[Path | None, typer.Option("--out", help="Write it to this file; default: print it.")] = None,
) -> None:
    """Print a pack as the working rules (工作规范) a leader signs, in Chinese or English."""
    from publisher.render import handbook as book
    from publisher.render.handbook_words import Tongue
    from publisher.settings import resource

    files, made = opened(pack)
    made = replace(made, hash=version_of(files))
    reports = resource("templates") / "reports"
    wanted = (language or _readable(made, reports)).partition("-")[0]
    catalogue = reports / f"handbook.{wanted}.yaml"
    if not catalogue.is_file():
        there = ", ".join(sorted(one.name.split(".")[1] for one in reports.glob("handbook.*.yaml")))
        raise fail(f"no handbook words in {wanted}; there are: {there}", USAGE)
    today = datetime.now(ZoneInfo(made.about.time_zone)).date()
    say = Tongue(catalogue.read_text("utf-8"), made, wanted)
    if form == "html" or (not form and to is not None and to.suffix in (".html", ".htm")):
        text = book.html(made, say, today, (reports / "handbook.html").read_text("utf-8"))
    else:
        text = book.markdown(made, say, today)
    if to is None:
        out().print(text, markup=False)
    else:
        to.write_text(text, "utf-8")


def _readable(pack: "Pack", reports: Path) -> str:
    """The pack's first language that the handbook has words for; English words around a pack that has none."""
    spoken = (one for one in pack.about.languages if (reports / f"handbook.{one.partition('-')[0]}.yaml").is_file())
    return next(spoken, FALLBACK)
