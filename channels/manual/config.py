"""What must an operator say about work done by hand?"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Config(BaseModel):
    """`receipt_key` is ours: it signs the link by which a person reports. `language` is that of its page. No machine is called."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    receipt_key: SecretStr = Field(min_length=16)
    language: Literal["zh", "en"] = "zh"
    most_characters: int = Field(default=1200, ge=100, le=10_000)
    """What fits one printed page beside its heading and the lines to fill in."""
