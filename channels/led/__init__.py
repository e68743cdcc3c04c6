"""How does a warning reach electronic signs? The kind `led`: each screen polls one address for what it should show."""

from channels.base import Setup
from channels.led.channel import TRAITS, Config, Led

__all__ = ["TRAITS", "Config", "Led", "build"]


def build(setup: Setup) -> Led:
    """The signs' pages. Raises `pydantic.ValidationError` for any key: the pack's `displays.yaml` says it all."""
    Config.model_validate(dict(setup.config))
    return Led()
