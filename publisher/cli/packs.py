"""How does a command get at a pack? By name or folder, checked; every mistake is told with file and line."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from publisher.cli.shared import BAD, USAGE, fail, out

if TYPE_CHECKING:
    from publisher.core.pack_errors import PackError
    from publisher.model.directory import Endpoint, Source
    from publisher.model.pack import Pack
    from publisher.render.fault import Fault
    from publisher.web.console.words import Words
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
        mistakes(files, error.errors)
        raise typer.Exit(BAD) from error


def version_of(files: Files) -> str:
    """The hash these files would have as a version of a hub: the hub's own templates are part of it."""
    from publisher.core.packs import content_hash, frozen

    return content_hash(frozen(files, _of_the_hub()))


def mistakes(files: Files, found: "Iterable[PackError]") -> None:
    """Every mistake of a pack's files, one a line, in the language of the pack."""
    words = words_of(files)
    for one in found:
        says = "" if words.language == "en" else words.problem(one.code, one.told)
        out().print(one.put(says) if says else str(one), markup=False)


def words_of(files: Files) -> "Words":
    """The console's words in a pack's first language, even of a pack that cannot be used; else the English ones."""
    from publisher.core import pack_yaml
    from publisher.settings import resource
    from publisher.web.console.words import Catalogues

    about = pack_yaml.read("pack.yaml", files.get("pack.yaml", b"")).value
    spoken = about.get("languages") if isinstance(about, dict) else None
    languages = [one for one in spoken if isinstance(one, str)] if isinstance(spoken, list) else []
    return Catalogues(resource("templates") / "console").get("", languages)


def faults(files: Files) -> "tuple[Pack | None, list[PackError]]":
    """A pack as far as it is good, and every mistake of its files, its templates and its demo folder."""
    from publisher.core.demo import mistakes_alone
    from publisher.core.packs import PackRefused, load

    found = list(_templates_of(files))
    try:
        made = load(files)
    except PackRefused as error:
        return None, [*error.errors, *found, *sorted(mistakes_alone(files))]
    return made, [*found, *_demo(files, made)]


def _templates_of(files: Files) -> "Iterator[PackError]":
    from publisher.render import wording

    own = {name.removeprefix(TEMPLATES): body for name, body in files.items() if name.startswith(TEMPLATES)}
    said = {name: body.decode("utf-8-sig", "replace") for name, body in own.items()}
    yield from (_located(one, TEMPLATES) for one in wording.faults({**_of_the_hub(), **said}))


def _located(fault: "Fault", folder: str) -> "PackError":
    from publisher.core.pack_errors import PackError

    return PackError(f"{folder}{fault.path}", fault.line, "", fault.message, fault.code, fault.told)


def _of_the_hub() -> dict[str, str]:
    from publisher.render.texts import read_templates
    from publisher.settings import resource

    return read_templates(resource("templates"))


def advice(files: Files, pack: "Pack") -> "Iterator[PackError]":
    """What a sound pack should still be told: languages without words of their own, roles that nobody plays."""
    from publisher.core.demo import load_demo
    from publisher.core.demo_checks import unplayed
    from publisher.render.wording import astray, borrowed

    yield from (_located(one, "") for one in borrowed(pack.about.languages, {**_of_the_hub(), **pack.templates}))
    yield from (_located(one, "") for one in astray(pack))
    if any(name.startswith(DEMO) for name in files):
        demo = load_demo(files, pack)
        yield from unplayed(pack, demo.contacts, demo.endpoints)


def _demo(files: Files, pack: "Pack") -> "Iterator[PackError]":
    """Mistakes of the demo folder, if there is one; its channels show whether ways go by channels that can."""
    from channels import registry
    from publisher.core.demo import load_demo
    from publisher.core.pack_errors import PackError, PackRefused, noted

    if not any(name.startswith(DEMO) for name in files):
        return
    try:
        demo = load_demo(files, pack)
    except PackRefused as error:
        yield from error.errors
        return
    try:
        media = {one.name: registry.kind(one.kind).TRAITS.medium for one in demo.channels}
    except LookupError as error:
        why = str(error.args[0])
        yield PackError(f"{DEMO}channels.yaml", 1, "", why, "CHANNEL_KIND", {"why": why})
        return
    for wave in pack.waves:
        for way in wave.ways:
            for name in way.channels:
                if media.get(name, way.medium) is not way.medium:
                    where, serves = pack.where("channels.yaml", wave.id), str(media[name])
                    says = f"{wave.id}: {name} of the demo serves {serves}, not {way.medium}"
                    named = {"rule": wave.id, "channel": name, "serves": serves, "wanted": str(way.medium)}
                    yield noted(where, says, "CHANNEL_MEDIUM", **named)


def side(pack: "Pack") -> "Side":
    """A pack with its checked templates: the hub's own, and its own in their place. Raises an exit for a faulty one."""
    from publisher.render.fault import Refused
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
