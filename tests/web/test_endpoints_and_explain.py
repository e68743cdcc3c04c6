"""Does an officer find an endpoint and take it out, learn what the policy says of a case, and see that a drill is one?"""

import json
from typing import Any

from sqlalchemy import select

from publisher.store.tables import endpoint, ledger
from tests.kit.window import Window, rain, seat


async def test_endpoints_are_found_and_one_is_revoked_with_a_reason_by_its_keeper(at: Window) -> None:
    async with at.hub.db.read() as tx:
        rows = (await tx.execute(select(endpoint).where(endpoint.c.medium == "sms").order_by(endpoint.c.id))).all()
    one = rows[0]
    admin, path = await seat(at, "admin"), f"/console/endpoints/{rows[0].id}/revoke"
    await admin.open(f"/console/endpoints?medium=sms&unit={one.unit}&state=verified")
    assert one.id in admin.page and path in admin.page and one.address in admin.page
    stranger = await seat(at, "leader")
    await stranger.open(f"/console/endpoints?medium=sms&unit={one.unit}")
    assert one.id in stranger.page and path not in stranger.page and one.address not in stranger.page
    assert one.unit != "county" and (await stranger.send(path, reason="not mine")).status == 403
    assert (await admin.send(path, reason=" ")).status == 422
    await admin.open("/console/endpoints?medium=sms")
    assert (await admin.send(path, reason="the number was given back")).status == 303
    await admin.open("/console/endpoints?medium=sms&state=revoked")
    assert one.id in admin.page and path not in admin.page
    async with at.hub.db.read() as tx:
        told: Any = (await tx.execute(select(ledger).where(ledger.c.act == "endpoint.revoke"))).one()
    assert (told.subject, json.loads(told.body)) == (one.id, {"reason": "the number was given back"})


async def test_the_policy_says_what_it_would_do_and_by_which_line_or_what_it_does_not_know(at: Window) -> None:
    viewer = await seat(at, "drafter")
    await viewer.open("/console/policy/explain?hazard=RAIN&level=red&area=EX-01-001")
    assert "flows.yaml:" in viewer.page and "✓ holds" in viewer.page and "may issue it" in viewer.page
    await viewer.open("/console/policy/explain?hazard=RAIN&level=red&area=EX-99")
    assert "does not have:" in viewer.page and "flows.yaml:" not in viewer.page


async def test_every_page_of_a_drill_has_its_colour_and_mark_and_no_other_page_has(at: Window) -> None:
    drill, real = await at.draft(rain("amber", mode="exercise")), await at.draft(rain("amber"))
    drafter = await seat(at, "drafter")
    for page in (f"bulletins/{drill['id']}", f"warnings/{drill['warning']}", f"bulletins/{drill['id']}/edit"):
        await drafter.open(f"/console/{page}")
        assert ' drill"' in drafter.page.partition("<main")[0] and "◇ Exercise" in drafter.page, page
    for page in ("", "bulletins", f"bulletins/{real['id']}", f"warnings/{real['warning']}"):
        await drafter.open(f"/console/{page}")
        assert ' drill"' not in drafter.page.partition("<main")[0] and "◇" not in drafter.page, page
