"""Is a request that is sent twice carried out once, whoever sends it, however fast?"""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, update

from publisher.store.tables import bulletin, idempotency
from publisher.web.idempotency import Kept, Key, Once
from publisher.web.table import API
from tests.kit.window import Window, rain

B = "/api/v1/bulletins"


async def how_many(at: Window) -> int:
    async with at.hub.db.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(bulletin))).scalar_one())


async def test_the_same_key_and_body_gives_the_kept_answer(at: Window) -> None:
    first = await at.raw("POST", B, "drafter", {"content": rain()}, key="one")
    again = await at.raw("POST", B, "drafter", {"content": rain()}, key="one")
    assert (first.status, again.status) == (201, 201)
    assert await first.json() == await again.json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await how_many(at) == 1


async def test_the_same_key_with_another_body_is_refused(at: Window) -> None:
    await at.post(B, "drafter", {"content": rain()}, key="one")
    status, problem = await at.post(B, "drafter", {"content": rain("red")}, key="one")
    assert (status, problem["type"]) == (422, "urn:tocsin:problem:key-reused")
    assert await how_many(at) == 1


async def test_a_key_belongs_to_one_person_and_one_route(at: Window) -> None:
    made: dict[str, Any] = {}
    await at.post(B, "drafter", {"content": rain()}, key="one")
    status, made = await at.post(B, "drafter-2", {"content": rain()}, key="one")
    assert status == 201
    status, _ = await at.post(f"{B}/{made['id']}/submit", "drafter-2", {}, key="one")
    assert (status, await how_many(at)) == (200, 2)


async def test_of_many_at_once_one_is_carried_out_and_all_hear_its_answer(both: Window) -> None:
    sent = [both.raw("POST", B, "drafter", {"content": rain()}, key="one") for _ in range(8)]
    answers = await asyncio.gather(*sent)
    told = [await one.json() for one in answers]
    assert {one.status for one in answers} == {201}
    assert {one["id"] for one in told} == {told[0]["id"]}
    assert await how_many(both) == 1


async def test_a_refusal_is_kept_too(at: Window) -> None:
    one = await at.draft({**rain(), "sections": [{**rain()["sections"][0], "words": {}}]})
    path = f"{B}/{one['id']}/submit"
    first = await at.post(path, "drafter", {}, key="one")
    assert (first[0], await at.post(path, "drafter", {}, key="one")) == (422, first)


@pytest.mark.parametrize("route", [one for one in API if one.key == "required"], ids=lambda one: str(one.name))
async def test_where_a_key_is_required_its_absence_is_named(at: Window, route: Any) -> None:
    who = "signer" if route.action == "warning.end" else "drafter"
    who = "reviewer" if route.action == "bulletin.approve" else who
    status, problem = await at.post(route.path.replace("{id}", "x"), who, {}, key=None)
    assert (status, problem["type"]) == (400, "urn:tocsin:problem:key-needed")
    assert problem["reasons"][0]["where"] == "header Idempotency-Key"


def test_the_acts_that_must_not_happen_twice_demand_a_key() -> None:
    required = {one.path.rsplit("/", 1)[-1] for one in API if one.key == "required"}
    assert required == {"bulletins", "submit", "approve", "lift", "retract"}


async def test_after_a_crash_in_the_middle_nobody_pretends_to_know(at: Window) -> None:
    await at.post(B, "drafter", {"content": rain()}, key="one")
    async with at.hub.db.write() as tx:
        await tx.execute(update(idempotency).values(status=None, answer=None))
    status, problem = await at.post(B, "drafter", {"content": rain()}, key="one")
    assert (status, problem["type"]) == (409, "urn:tocsin:problem:key-busy")
    assert await how_many(at) == 1


async def test_a_failure_is_forgotten_so_that_it_can_be_tried_again(at: Window) -> None:
    once, key = Once(at.hub.db), Key("someone", "POST /x", "k", "0" * 64)

    async def fails() -> Kept:
        raise ValueError("broken")

    async def works() -> Kept:
        return Kept(200, "{}")

    with pytest.raises(ValueError, match="broken"):
        await once.run(key, fails)
    assert await once.run(key, works) == Kept(200, "{}")
    assert await once.run(key, fails) == Kept(200, "{}", replayed=True)
