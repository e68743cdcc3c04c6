"""Which hazard feeds exist? Every hazard of the pack has one; those of which nothing is listed share the quiet feed.

A pack knows hundreds of hazards and a night holds two or three, so only those have pages of their own. The web process
puts the name and address of any other on the quiet feed, as it does for places (`channels.feed.areas`).
"""

import json
from collections.abc import Mapping, Sequence

from channels.feed.syndicate import Rendered
from publisher.model.pack import Pack, said
from publisher.model.words import HazardCode

INDEX = "/feeds/hazards.json"
QUIET = "none"


def feeds(items: Sequence[Rendered], pack: Pack) -> Mapping[HazardCode, Sequence[Rendered]]:
    """Hazard -> its items, in their order, for every hazard of the pack that has some."""
    listed = {code: [one for one in items if one.item.hazard == code] for code in {one.item.hazard for one in items}}
    return {code: listed[code] for code in pack.hazards if code in listed}


def index(pack: Pack, *, exercise: bool) -> bytes:
    """Every hazard with its name: which hazard feeds there are."""
    hazards = [{"code": one.code, "name": said(one.name, pack.language)} for one in pack.hazards.values()]
    return json.dumps({"exercise": exercise, "hazards": hazards}, ensure_ascii=False, separators=(",", ":")).encode()
