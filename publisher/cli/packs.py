"""How does a command get at a pack? By name or folder, checked; every mistake is told with file and line."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from publisher.cli.shared import BAD, USAGE, fail, out

if TYPE_CHECKING:
    from publisher.core.pack_errors import PackRefused
    from publisher.model.directory import Endpoint, Source
    from publisher.model.pack import Pack
    from publisher.work.replay import Side

Files = Mapping[str, bytes]
TEMPLATES, DEMO = "templates/", "demo/"


def files_of(name: str) -> dict[str, bytes]:
    """The files of a pack given by name or folder. Raises a usage exit when there is none."""
    from publisher.pack_files import pack_folder
    from publisher.store.packs import NotAPackFolder, read_folder

    try:
        return read_folder(pack_folder(name))
    except (LookupError, NotAPackFolder) as error:
        raise fail(str(error.args[0]), USAGE) from error


def opened(name: str) -> "tuple[dict[str, bytes], Pack]":
    """A pack's files and the pack itself. Raises an exit that lists every mistake."""
    from publisher.core.packs import PackRefused, load

    files = files_of(name)
    try:
        return files, load(files)
    except PackRefused as error:
        mistakes(error)
        raise typer.Exit(BAD) from error


def version_of(files: Files) -> str:
    """The hash these files would have as a version of a hub: the hub's own templates are part of it."""
    from publisher.core.packs import content_hash, frozen

    return content_hash(frozen(files, _of_the_hub()))


def mistakes(refused: "PackRefused") -> None:
    """Every mistake of every file, one a line."""
    for one in refused.errors:
        out().print(str(one), markup=False)


def faults(files: Files) -> "tuple[Pack | None, list[str]]":
    """A pack as far as it is good, and every mistake of its files, its templates and its demo folder, one a line."""
    from publisher.core.demo import mistakes_alone
    from publisher.core.packs import PackRefused, load

    found = list(_templates_of(files))
    try:
        made = load(files)
    except PackRefused as error:
        return None, [*map(str, error.errors), *found, *map(str, sorted(mistakes_alone(files)))]
    return made, [*found, *_demo(files, made)]


def _templates_of(files: Files) -> Iterator[str]:
    from publisher.render import wording

    own = {name.removeprefix(TEMPLATES): body for name, body in files.items() if name.startswith(TEMPLATES)}
    said = {name: body.decode("utf-8-sig", "replace") for name, body in own.items()}
    yield from (f"{TEMPLATES}{fault}" for fault in wording.faults({**_of_the_hub(), **said}))


def _of_the_hub() -> dict[str, str]:
    from publisher.render.texts import read_templates
    from publisher.settings import resource

    return read_templates(resource("templates"))


def advice(files: Files, pack: "Pack") -> Iterator[str]:
    """What a sound pack should still be told: languages without words of their own, roles that nobody plays."""
    from publisher.core.demo import load_demo
    from publisher.core.demo_checks import unplayed
    from publisher.render.wording import borrowed

    yield from borrowed(pack.about.languages, {**_of_the_hub(), **pack.templates})
    if any(name.startswith(DEMO) for name in files):
        demo = load_demo(files, pack)
        yield from unplayed(pack, demo.contacts, demo.endpoints)


def _demo(files: Files, pack: "Pack") -> Iterator[str]:
    """Mistakes of the demo folder, if there is one; its channels show whether ways go by channels that can."""
    from channels import registry
    from publisher.core.demo import load_demo
    from publisher.core.packs import PackRefused

    if not any(name.startswith(DEMO) for name in files):
        return
    try:
        demo = load_demo(files, pack)
    except PackRefused as error:
        yield from map(str, error.errors)
        return
    try:
        media = {one.name: registry.kind(one.kind).TRAITS.medium for one in demo.channels}
    except LookupError as error:
        yield f"{DEMO}channels.yaml:1: {error.args[0]}"
        return
    for wave in pack.waves:
        for way in wave.ways:
            for name in way.channels:
                if media.get(name, way.medium) is not way.medium:
                    where = pack.where("channels.yaml", wave.id)
                    yield f"{where}: {wave.id}: {name} of the demo serves {media[name]}, not {way.medium}"


def side(pack: "Pack") -> "Side":
    """A pack with its checked templates: the hub's own, and its own in their place. Raises an exit for a faulty one."""
    from publisher.render.sandbox import Refused
    from publisher.render.texts import texts_of
    from publisher.work.replay import Side

    try:
        return Side(pack, texts_of({**_of_the_hub(), **pack.templates}))
    except Refused as error:
        raise fail(str(error)) from error


def people(*packs: "tuple[Files, Pack]") -> "tuple[tuple[Source, ...], tuple[Endpoint, ...]]":
    """Sources and endpoints of the first pack that has a demo folder; none when no pack has one."""
    from publisher.core.demo import load_demo
    from publisher.core.pack_errors import PackRefused

    for files, pack in packs:
        try:
            demo = load_demo(files, pack)
        except PackRefused:
            continue
        return demo.sources, demo.endpoints
    return (), ()


def archive(path: Path) -> dict[str, bytes]:
    """The files of an archive: one file, or every alert under a folder. Raises a usage exit when there is none."""
    from publisher.core.archive import SUFFIXES

    if path.is_file():
        return {path.name: path.read_bytes()}
    found = [one for one in sorted(path.rglob("*")) if one.is_file() and one.suffix.lower() in SUFFIXES]
    if not found:
        raise fail(f"{path}: no file, and no folder with {', '.join(SUFFIXES)} in it", USAGE)
    return {one.relative_to(path).as_posix(): one.read_bytes() for one in found}
