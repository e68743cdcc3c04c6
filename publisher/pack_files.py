"""Which policy pack is meant by a name, and which bytes make a version of it?"""

from pathlib import Path

from publisher.core.packs import frozen
from publisher.render.texts import read_templates
from publisher.settings import resource
from publisher.store.packs import read_folder


def pack_folder(name: str) -> Path:
    """The folder of a pack given by name or path. Raises LookupError naming the packs that exist."""
    for folder in (Path(name), resource("policies") / name):
        if (folder / "pack.yaml").is_file():
            return folder
    known = sorted(one.parent.name for one in resource("policies").glob("*/pack.yaml"))
    raise LookupError(f"no policy pack {name!r}: not a folder with a pack.yaml, and not one of {', '.join(known)}")


def version_files(name: str) -> dict[str, bytes]:
    """The pack's own files with every template of the hub's. Raises LookupError, NotAPackFolder."""
    return frozen(read_folder(pack_folder(name)), read_templates(resource("templates")))
