"""What may stand in a JSON alert (and in one line of a replay file)? The published schema is made from this model."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from publisher.formats.texts import cap_time, shown
from publisher.formats.times import canonical

TIME_WANTED = "YYYY-MM-DDThh:mm:ss±hh:mm or ending in Z"


def _moment(value: object) -> datetime:
    written = canonical(value, None) if isinstance(value, str) and "T" in value else None
    moment = cap_time(written) if written else None
    if moment is None:
        found = shown(value) if isinstance(value, str) else type(value).__name__
        raise PydanticCustomError(
            "invalid_time", "Found {found}. Write {wanted}.", {"found": found, "wanted": TIME_WANTED}
        )
    return moment


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Maybe = Annotated[str, StringConstraints(strip_whitespace=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class JsonReference(_Strict):
    """An earlier alert. Without a sender it is one of this alert's own sender."""

    identifier: Text
    sender: Maybe = ""
    sent: Moment | None = None


class JsonAlert(_Strict):
    """One alert as a department's system sends it: what is happening, how grave, where, in which words.

    Times carry an offset. Hazard, level and places left out are looked for in the texts. `identifier` left out is made
    from the bytes, so the same message sent twice is one alert.
    """

    model_config = ConfigDict(
        title="JSON alert", json_schema_extra={"$schema": "https://json-schema.org/draft/2020-12/schema"}
    )

    identifier: Text | None = Field(None, description="The sender's own number of this message.")
    sender: Text = Field(description="Who sends it: the id the hub knows the source by.")
    sent: Moment = Field(description="When the sender sent it.")
    status: Literal["Actual", "Exercise", "System", "Test", "Draft"] = "Actual"
    act: Literal["issue", "update", "lift", "retract"] = Field(
        "issue", description="issue a new warning, update one, lift it (it is over), retract it (it was never right)."
    )
    event: Text | None = Field(None, description="What is happening, in words: 暴雨, Rainstorm.")
    hazard: Text | None = Field(None, description="The hazard's code or name in the pack: 11B03.")
    level: Text | None = Field(None, description="The level's id in the pack, or words for it: orange, 橙色, Ⅱ级.")
    areas: list[Text] = Field(default_factory=list, description="Area codes of the pack.")
    area_words: list[Text] | Text = Field(
        default_factory=list, description="Places in words; the pack knows what they mean."
    )
    headline: Maybe = ""
    description: Text = Field(description="The text of the warning.")
    instruction: Maybe = ""
    language: Annotated[str, StringConstraints(pattern=r"^$|^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$")] = Field(
        "", description="RFC 3066 tag of the texts; empty for the first language of the pack."
    )
    effective: Moment | None = None
    onset: Moment | None = None
    expires: Moment | None = None
    references: list[JsonReference] = Field(default_factory=list, description="The alerts this one changes.")
    contact: Maybe = ""
    web: Maybe = ""
    note: Maybe = Field("", description="For exercises, lifts and retractions: which, or why.")
    parameters: dict[Text, str] = Field(default_factory=dict, description="Anything else, by name.")


def json_schema() -> dict[str, Any]:
    """The published JSON Schema (2020-12) of a JSON alert."""
    return JsonAlert.model_json_schema()


def schema_text() -> str:
    """The same as the file docs/schemas/alert.schema.json holds it."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"
