"""`tocsin policy …`: packs from a shell."""

from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.packs import advice, faults, files_of, mistakes, opened, version_of, words_of
from publisher.cli.policy_explain import explain
from publisher.cli.policy_handbook import handbook
from publisher.cli.policy_simulate import simulate
from publisher.cli.policy_versions import activate, import_
from publisher.cli.shared import BAD, USAGE, fail, out, print_json

policy = typer.Typer(no_args_is_help=True, help="Policy packs: write, check, understand, compare, try out, activate.")
PackArgument = Annotated[str, typer.Argument(help="A pack's name or folder.")]


@policy.command()
def check(
    pack: PackArgument,
    strict: Annotated[bool, typer.Option(help="Also refuse what is only advised: examples, words, roles.")] = False,
) -> None:
    """Check a pack: every mistake with file and line, of its templates and demo folder too. Exit 1 if there is one."""
    from publisher.core.pack_examples import failing, unshown

    files = files_of(pack)
    made, wrong = faults(files)
    mistakes(files, wrong)
    if made is None or wrong:
        raise typer.Exit(BAD)
    found = [*failing(made), *unshown(made), *advice(files, made)]
    mistakes(files, found)
    counts = {"hazards": len(made.hazards), "areas": len(made.areas), "examples": len(made.examples)}
    out().print(words_of(files)("policy.good", pack=made.about.id, **counts, version=version_of(files)[:12]))
    if found and strict:
        raise typer.Exit(BAD)


@policy.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Where to write it; the last part names it.")],
    name: Annotated[str, typer.Option(help="The county's name.")] = "",
    like: Annotated[str, typer.Option(help="The pack to begin from.")] = "example-county",
) -> None:
    """Begin a pack: a copy to change, whole and good from the first minute."""
    from publisher.core.pack_new import begun

    try:
        files, model = opened(like)
        made = begun(files, model.about.languages, folder.name, name or folder.name)
    except ValueError as error:
        raise fail(str(error), USAGE) from error
    if folder.exists() and any(folder.iterdir()):
        raise fail(f"{folder} is not empty; name a new folder", USAGE)
    for file, body in made.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    opened(str(folder))
    out().print(f"{folder}: {len(made)} files, begun from {like}. Next: edit pack.yaml, then")
    out().print(f"  tocsin policy check {folder}")


@policy.command()
def diff(
    old: PackArgument,
    new: Annotated[str, typer.Argument(help="The pack to compare it with.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List every difference between two packs, with the line before and after."""
    from publisher.core.pack_diff import diff as differences

    found = differences(opened(old)[0], opened(new)[0])
    if as_json:
        names = ("file", "line_before", "line_after", "entry", "path", "before", "after", "kind")
        print_json([{name: getattr(one, name) for name in names} for one in found])
        return
    for one in found:
        out().print(f"{one.where}  {one.kind}  {one.entry} {one.path}".rstrip(), markup=False)
        for sign, text in (("-", one.before), ("+", one.after)):
            for line in text.splitlines():
                out().print(f"    {sign} {line}", markup=False)
    out().print(f"{len(found)} differences")


for verb in (explain, simulate, handbook, activate):
    policy.command()(verb)
policy.command("import")(import_)
