"""What can be done with a display? Put into the registry, changed, given keys, taken out; each act is in the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, insert, select

from publisher.model.directory import Endpoint
from publisher.model.pack import Pack
from publisher.model.words import AreaCode, EndpointId, Language, Medium, Mode, UnitId
from publisher.render import led, pixels
from publisher.store import ledger, numbers, polls
from publisher.store.codec import dump, load
from publisher.store.database import Tx
from publisher.store.polls import SCREEN, Poll
from publisher.store.tables import endpoint, token
from publisher.web.errors import Problem, Reason
from publisher.web.tokens import end_device_keys, make_token
from publisher.work.bulletins import Missing
from publisher.work.screens import CHANGED

ROLE = "screen"


class ScreenIn(BaseModel):
    """A display as the registry knows it. Its `id` is its address: `/led/{id}.json`."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$", description="Small letters, digits and hyphens.")
    width: int = Field(ge=48, le=4096, description="Pixels.")
    height: int = Field(ge=16, le=4096, description="Pixels.")
    colours: str = Field("full", description="What its lamps can show: full, rg, amber, red, green, white, mono.")
    font: Literal["", "16", "32", "48", "64"] = Field(
        "", description="Pixels of a letter; empty: the largest that fits."
    )
    areas: list[str] = Field(min_length=1, description="The places it stands in or serves.")
    unit: str = Field(description="Whose it is.")
    language: str = ""
    mode: Literal["actual", "exercise", "test"] = "actual"
    position: str = Field("", max_length=120, description="Where it stands, in words.")
    point: str = Field("", pattern=r"^$|^-?\d+(\.\d+)?,-?\d+(\.\d+)?$", description="longitude,latitude in degrees.")
    display: str = Field("", description="Its rule in displays.yaml; empty: the first.")


class ScreenPatch(BaseModel):
    """What to change; absent keys stay."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    width: int | None = Field(None, ge=48, le=4096)
    height: int | None = Field(None, ge=16, le=4096)
    colours: str | None = None
    font: Literal["", "16", "32", "48", "64"] | None = None
    areas: list[str] | None = Field(None, min_length=1)
    unit: str | None = None
    language: str | None = None
    position: str | None = Field(None, max_length=120)
    point: str | None = Field(None, pattern=r"^$|^-?\d+(\.\d+)?,-?\d+(\.\d+)?$")
    display: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One display of the registry, the first characters of its keys, and when it last asked."""

    endpoint: Endpoint
    keys: Sequence[str]
    poll: Poll | None


async def listed(tx: Tx) -> Sequence[Listed]:
    """Every display, revoked ones included, by id."""
    rows = await tx.execute(select(endpoint.c.body).where(endpoint.c.medium == Medium.SCREEN.value))
    screens = sorted((load(Endpoint, row.body) for row in rows), key=lambda one: one.id)
    keys: dict[str, list[str]] = {}
    for row in await tx.execute(select(token.c.source, token.c.prefix).where(token.c.kind == "screen")):
        keys.setdefault(row.source, []).append(row.prefix)
    seen = await polls.last(tx)
    return [Listed(one, sorted(keys.get(SCREEN + one.address, ())), seen.get(SCREEN + one.address)) for one in screens]


async def get(tx: Tx, wanted: str) -> Endpoint:
    """One display by its address or id. Raises Missing."""
    mine = (endpoint.c.medium == Medium.SCREEN.value) & ((endpoint.c.address == wanted) | (endpoint.c.id == wanted))
    row = (await tx.execute(select(endpoint.c.body).where(mine))).first()
    if row is None:
        raise Missing(f"no screen {wanted}")
    return load(Endpoint, row.body)


async def add(tx: Tx, given: ScreenIn, pack: Pack, by: str) -> Endpoint:
    """Put a display into the registry. Raises Problem with every reason why not."""
    taken = select(endpoint.c.id).where((endpoint.c.id == given.id) | (endpoint.c.address == given.id))
    reasons = list(_against(given, pack))
    if (await tx.execute(taken)).first() is not None:
        reasons.append(Reason("taken", f"there is already an endpoint {given.id}", "id"))
    _refuse(reasons)
    made = _endpoint(given, pack)
    await _put(tx, made, "screen.add", by)
    return made


async def change(tx: Tx, wanted: str, given: ScreenPatch, pack: Pack, by: str) -> Endpoint:
    """Change a display. Raises Missing, or Problem with every reason why not."""
    old = await get(tx, wanted)
    merged = _given(old).model_copy(update=given.model_dump(exclude_none=True))
    _refuse(list(_against(merged, pack)))
    made = _endpoint(merged, pack, old)
    await _put(tx, made, "screen.change", by)
    return made


async def revoke(tx: Tx, wanted: str, reason: str, by: str) -> Endpoint:
    """Take a display out: its keys end, its pages go, what is planned for it is skipped. It stays in the books."""
    old = await get(tx, wanted)
    await end_device_keys(tx, SCREEN + old.address)
    made = _with_state(old, "revoked")
    await _put(tx, made, "screen.revoke", by, reason=reason)
    return made


async def give_key(tx: Tx, wanted: str, by: str) -> str:
    """A new key, told once. Raises Missing, or Problem for a revoked display."""
    one = await get(tx, wanted)
    if one.state == "revoked":
        _refuse([Reason("revoked", f"screen {one.address} is revoked: register it anew under another id", "screen")])
    secret = await make_token(tx, source=SCREEN + one.address, kind="screen")
    await ledger.append(tx, actor=by, act="screen.key", subject=one.address, body={"prefix": secret[:12]})
    return secret


async def end_keys(tx: Tx, wanted: str, by: str, *, prefix: str = "", reason: str = "") -> int:
    """End all keys of a display, or one; how many. Whoever holds one is refused from now on."""
    one = await get(tx, wanted)
    ended = await end_device_keys(tx, SCREEN + one.address, prefix)
    body = {"prefix": prefix, "ended": ended, "reason": reason}
    await ledger.append(tx, actor=by, act="screen.keys-end", subject=one.address, body=body)
    return ended


def _refuse(reasons: Sequence[Reason]) -> None:
    if reasons:
        raise Problem(422, "invalid", tuple(reasons))


def _against(given: ScreenIn, pack: Pack) -> Sequence[Reason]:
    languages, displays = pack.about.languages, [one.id for one in pack.displays]
    found: list[Reason] = []
    if given.colours not in pixels.COLOURS:
        found.append(Reason("colours", f"must be one of {', '.join(pixels.COLOURS)}", "colours"))
    if given.unit not in pack.units:
        found.append(Reason("unit", f"no unit {given.unit} in the pack", "unit"))
    if given.language and given.language not in languages:
        found.append(Reason("language", f"must be one of {', '.join(languages)}", "language"))
    if given.display and given.display not in displays:
        found.append(Reason("display", f"must be one of {', '.join(displays)}", "display"))
    found += [Reason("area", f"no area {one} in the pack", "areas") for one in given.areas if one not in pack.areas]
    try:
        led.size_of(f"{given.width}x{given.height}" + (f"f{given.font}" if given.font else ""))
    except ValueError as error:
        found.append(Reason("size", str(error), "width"))
    return found


def _endpoint(given: ScreenIn, pack: Pack, old: Endpoint | None = None) -> Endpoint:
    profile = {name: str(getattr(given, name)) for name in ("width", "height", "colours")}
    profile |= {name: getattr(given, name) for name in ("font", "position", "point", "display") if getattr(given, name)}
    return Endpoint(
        id=old.id if old else EndpointId(given.id),
        medium=Medium.SCREEN,
        address=given.id,
        areas=tuple(AreaCode(one) for one in given.areas),
        unit=UnitId(given.unit),
        language=Language(given.language or pack.language),
        mode=Mode(given.mode),
        contact=old.contact if old else None,
        role=old.role if old else ROLE,
        tags=old.tags if old else frozenset(),
        state=old.state if old else "verified",
        profile=profile,
    )


def _given(old: Endpoint) -> ScreenIn:
    size = led.size_of(old.look) if old.look else (48, 16)
    more = {
        name: old.profile[name] for name in ("colours", "font", "position", "point", "display") if name in old.profile
    }
    return ScreenIn.model_construct(
        **{
            **{name: field.default for name, field in ScreenIn.model_fields.items() if not field.is_required()},
            **more,
            "id": old.address,
            "width": size[0],
            "height": size[1],
            "areas": list(old.areas),
            "unit": old.unit,
            "language": old.language,
            "mode": old.mode.value,
        }
    )


def _with_state(old: Endpoint, state: str) -> Endpoint:
    made: Endpoint = load(Endpoint, {**dump(old), "state": state})
    return made


async def _put(tx: Tx, one: Endpoint, act: str, by: str, **facts: str) -> None:
    """Write the row; other processes see by the counter that pages must be written anew."""
    row = {
        "id": one.id,
        "medium": one.medium.value,
        "mode": one.mode.value,
        "state": one.state,
        "address": one.address,
        "unit": one.unit,
        "contact": one.contact,
        "body": dump(one),
    }
    await tx.execute(delete(endpoint).where(endpoint.c.id == one.id))
    await tx.execute(insert(endpoint).values(**row))
    body: Mapping[str, str] = {**{name: str(value) for name, value in one.profile.items()}, **facts}
    await ledger.append(tx, actor=by, act=act, subject=one.address, body=body)
    await numbers.take(tx, CHANGED)
