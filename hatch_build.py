"""What goes into the wheel beside the code: policy packs, templates and browser assets."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA_FOLDERS = ("policies", "templates", "assets")


class DataFolders(BuildHookInterface):  # type: ignore[type-arg]
    """Force the data folders into `publisher/data`; an editable install reads them in place."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folders to a standard wheel, or refuse, naming every folder that is missing."""
        if version == "editable":
            return
        missing = [name for name in DATA_FOLDERS if not Path(self.root, name).is_dir()]
        if missing:
            raise FileNotFoundError(f"missing {', '.join(missing)}: run `make setup` first")
        for name in DATA_FOLDERS:
            build_data["force_include"][str(Path(self.root, name))] = f"publisher/data/{name}"
