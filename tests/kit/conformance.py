"""Does a kind keep the contract of `channels/base.py`? Every kind's tests inherit one of these classes.

class TestMyKind(PushConformance):
    kind = "mykind"
    addresses = ("…", "…", "…")     # three that the provider takes, in more than one call if it groups
    secrets = ("…",)                # every secret in the configuration
    words = {"body": "…"}           # what its template gives
    def config(self, base: str) -> dict[str, object]: …
"""

import asyncio
import logging
from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, cast

import pytest
from pydantic import ValidationError

from channels import registry
from channels.base import (
    Callback,
    Fields,
    Hears,
    Misconfigured,
    Page,
    Pull,
    Push,
    Recalls,
    Reconciles,
    Reports,
    Setup,
    Surface,
    Unavailable,
)
from channels.registry import kind as open_kind
from publisher.model.delivery import Message, Refused, Sent, Target, Unknown, Unsent
from publisher.model.slots import slot
from publisher.model.words import Medium, World
from tests.kit.outside import Outside, Provider, Trouble, closed_port, message, other_tasks, outside, send, targets

MARK = "【演练】"
QUICK = 0.3
HANGS = 10.0


class PushConformance:
    """What every kind that we call must do, whatever its provider is like."""

    kind: ClassVar[str]
    addresses: ClassVar[Sequence[str]]
    secrets: ClassVar[Sequence[str]]
    words: ClassVar[Mapping[str, str]]
    long_words: ClassVar[Mapping[str, str]]
    """Words of which at least one is too long for the provider."""
    address_key: ClassVar[str] = "base_url"
    """The configuration's key that says where the provider is."""
    told_when: ClassVar[float | None] = 7.0
    """What "too many calls, try in 7 s" becomes: None where the protocol has no word for when."""

    own_keys: ClassVar[bool] = False
    """Whether each address has a key of its own, so that one which is turned away says nothing of the others."""

    def prepare(self, place: Outside) -> None:
        """Give the provider what it must know before anybody calls it."""

    def provider(self) -> Provider | None:
        """Who answers at `config`'s address, where the sandbox itself knows no provider for the kind."""
        return None

    @abstractmethod
    def config(self, base: str) -> dict[str, object]:
        """A whole, right configuration for a provider at `base`."""

    def fields(self, words: Mapping[str, str]) -> Fields:
        return Fields(words, "zh", "红色", "#ff0000", 4, exercise=True, url="https://hub.example/w/1")

    def message(self, channel: Push, expires: datetime | None = None) -> Message:
        made = channel.compose(self.fields(self.words))
        return message(made.body, made.media_type, expires)

    def targets(self) -> list[Target]:
        return targets(self.addresses)

    @pytest.fixture
    async def place(self) -> AsyncIterator[Outside]:
        async with outside(self.kind, self.config("http://127.0.0.1"), self.provider()) as place:
            self.prepare(place)
            yield place

    def build(self, place: Outside, **changed: object) -> Push:
        return place.build({**self.config(place.base), "timeout": QUICK * 10, **changed})

    # What it is

    def test_it_is_registered_and_says_what_it_is(self, place: Outside) -> None:
        channel = self.build(place)
        assert self.kind in registry.KINDS
        assert open_kind(self.kind).TRAITS.kind == channel.traits.kind == self.kind
        assert isinstance(channel, Push)
        assert not channel.traits.pull

    def test_what_it_can_do_is_seen_in_its_type(self, place: Outside) -> None:
        channel = self.build(place)
        assert isinstance(channel, Reconciles) == (channel.traits.repeat == "queryable")
        assert isinstance(channel, Hears | Reports) or not channel.traits.receipts
        assert isinstance(channel, Reports) == channel.traits.line
        assert not (channel.traits.medium is Medium.SMS and isinstance(channel, Recalls))

    def test_an_unknown_configuration_key_is_refused(self, place: Outside) -> None:
        with pytest.raises(ValidationError, match="colour") as caught:
            self.build(place, colour="red")
        self._nothing_secret_in(str(caught.value) + repr(caught.value))

    def test_every_mistake_in_a_configuration_is_named_and_no_secret_shown(self, place: Outside) -> None:
        config: dict[str, object] = {**self.config("ftp://nowhere"), "timeout": -1, "sort": "x"}
        with pytest.raises(ValidationError) as caught:
            open_kind(self.kind).build(Setup("x", World.SANDBOX, config, "http://127.0.0.1"))
        places = {error["loc"][0] for error in caught.value.errors()}
        assert {self.address_key, "timeout", "sort"} <= places
        self._nothing_secret_in(str(caught.value))

    # Its texts

    def test_an_exercise_is_visible_in_what_goes_out(self, place: Outside) -> None:
        made = self.build(place).compose(self.fields({k: f"{MARK}{v}" for k, v in self.words.items()}))
        assert MARK in made.body.decode()

    def test_composing_is_pure_and_leaves_slots_for_the_release(self, place: Outside) -> None:
        channel = self.build(place)
        at = slot("issued", "zh")
        fields = self.fields({**self.words, "time": at, "body": f"在{at}", "script": f"在{at}"})
        first, again = channel.compose(fields), channel.compose(fields)
        assert first == again
        assert "⟦issued:" in first.body.decode()

    def test_a_desk_composes_the_same_without_the_keys_that_send(self, place: Outside) -> None:
        desk = self.build(place, **registry.without_keys(open_kind(self.kind), self.config(place.base)))
        fields = self.fields(self.words)
        assert desk.compose(fields) == self.build(place).compose(fields)

    def test_right_words_fit_and_long_ones_are_reported_whole(self, place: Outside) -> None:
        channel = self.build(place)
        assert channel.compose(self.fields(self.words)).overflow == ()
        made = channel.compose(self.fields(self.long_words))
        assert made.overflow
        longest = max(self.long_words.values(), key=len)
        assert longest in made.body.decode()

    # What happens to targets

    async def test_each_target_gets_exactly_one_answer(self, place: Outside) -> None:
        channel = self.build(place)
        outcome = await send(channel, self.message(channel), self.targets())
        assert outcome.raised is None
        assert sorted(t.delivery for t, _ in outcome.answers) == [t.delivery for t in self.targets()]
        assert all(isinstance(answer, Sent) for _, answer in outcome.answers)
        assert sorted(place.arrived) == sorted(self.addresses)

    async def test_nobody_is_no_trouble(self, place: Outside) -> None:
        channel = self.build(place)
        assert (await send(channel, self.message(channel), [])).answers == []

    async def test_answers_are_kept_when_credentials_die_midway(self, place: Outside) -> None:
        channel = self.build(place, window=1)
        place.fail("credentials", skip=1)
        outcome = await send(channel, self.message(channel), self.targets())
        if self.own_keys:
            assert outcome.raised is None and len(outcome.answers) == len(self.addresses)
        else:
            assert isinstance(outcome.raised, Misconfigured)
            assert 0 < len(outcome.answers) < len(self.addresses)
        assert {t.address for t, a in outcome.answers if isinstance(a, Sent)} == set(place.arrived)

    async def test_an_address_without_anybody_is_refused_or_fails_later(self, place: Outside) -> None:
        channel = self.build(place)
        place.fail("absent", address=self.addresses[0])
        outcome = await send(channel, self.message(channel), self.targets())
        first = outcome.by_target[self.targets()[0]]
        await place.sandbox.settle()
        assert isinstance(first, Refused) or [r.state for r in place.heard].count("failed") == 1
        assert all(isinstance(a, Sent) for t, a in outcome.answers if t.address != self.addresses[0])

    async def test_a_refused_connection_is_certainly_not_sent(self, place: Outside) -> None:
        channel = place.build(self.config(f"http://127.0.0.1:{closed_port()}"))
        outcome = await send(channel, self.message(channel), self.targets())
        if outcome.raised is None:
            assert len(outcome.answers) == len(self.addresses)
        else:
            assert isinstance(outcome.raised, Unavailable)
        assert all(isinstance(answer, Unsent) for _, answer in outcome.answers)

    @pytest.mark.parametrize("trouble", ["drop", "502", "504", "garbage"])
    async def test_no_clear_answer_may_have_been_sent(self, place: Outside, trouble: Trouble) -> None:
        channel = self.build(place)
        place.fail(trouble)
        outcome = await send(channel, self.message(channel), self.targets())
        assert [type(answer) for _, answer in outcome.answers] == [Unknown] * len(self.addresses)

    async def test_a_drop_after_acceptance_is_never_repeated_beneath_us(self, place: Outside) -> None:
        channel = self.build(place)
        await send(channel, self.message(channel), self.targets()[:1])
        before = len(place.sandbox.calls)
        place.fail("drop_after")
        outcome = await send(channel, self.message(channel), self.targets()[1:2])
        assert [type(answer) for _, answer in outcome.answers] == [Unknown]
        assert len(place.sandbox.calls) == before + 1
        assert place.arrived == list(self.addresses[:2])

    async def test_too_many_calls_is_not_sent_and_says_when(self, place: Outside) -> None:
        channel = self.build(place)
        place.fail("429", retry_after=7)
        outcome = await send(channel, self.message(channel), self.targets())
        answers = [a for _, a in outcome.answers if isinstance(a, Unsent)]
        assert len(answers) == len(self.addresses)
        assert {a.after for a in answers} == {self.told_when}

    async def test_a_busy_provider_has_not_sent(self, place: Outside) -> None:
        channel = self.build(place)
        place.fail("503")
        outcome = await send(channel, self.message(channel), self.targets())
        assert [type(answer) for _, answer in outcome.answers] == [Unsent] * len(self.addresses)
        assert place.arrived == []

    async def test_nothing_starts_after_the_text_expired(self, place: Outside) -> None:
        channel = self.build(place)
        late = self.message(channel, expires=datetime.now(UTC))
        outcome = await send(channel, late, self.targets())
        assert {a.reason for _, a in outcome.answers if isinstance(a, Unsent)} == {"expired"}
        assert len(outcome.answers) == len(self.addresses)
        assert place.sandbox.calls == []

    async def test_expiry_is_judged_by_the_hubs_clock(self, place: Outside) -> None:
        year = timedelta(days=365)
        channel = place.build(self.config(place.base), clock=lambda: datetime.now(UTC) - year)
        past = self.message(channel, expires=datetime.now(UTC) - year + timedelta(minutes=5))
        outcome = await send(channel, past, self.targets())
        assert all(isinstance(answer, Sent) for _, answer in outcome.answers)

    async def test_a_repeat_with_the_same_key_arrives_once_where_it_says_so(self, place: Outside) -> None:
        channel = self.build(place)
        if channel.traits.repeat != "keyed":
            pytest.skip("this kind does not say so")
        first = await send(channel, self.message(channel), self.targets())
        again = await send(channel, self.message(channel), self.targets())
        assert first.by_target == again.by_target
        assert sorted(place.arrived) == sorted(self.addresses)

    # Time

    async def test_the_deadline_is_obeyed(self, place: Outside) -> None:
        channel = self.build(place, timeout=QUICK)
        place.fail("silence")
        async with asyncio.timeout(HANGS):
            outcome = await send(channel, self.message(channel), self.targets())
        assert [type(answer) for _, answer in outcome.answers] == [Unknown] * len(self.addresses)

    async def test_cancelling_leaves_nothing_running(self, place: Outside) -> None:
        channel = self.build(place)
        place.fail("silence")
        before = await other_tasks()
        sending = asyncio.create_task(send(channel, self.message(channel), self.targets()))
        await place.reached.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert not [t for t in await other_tasks() - before if "channels/spread.py" in repr(t)]

    async def test_stopping_to_listen_leaves_nothing_running(self, place: Outside) -> None:
        channel = self.build(place, window=1)
        answers = cast("Any", channel.send(self.message(channel), self.targets()))
        async with aclosing(answers):
            async for _ in answers:
                break
        assert not [t for t in await other_tasks() if "channels/spread.py" in repr(t)]

    # Secrets

    @pytest.mark.parametrize("trouble", ["credentials", "garbage", "drop", "502", "429"])
    async def test_no_secret_is_said_or_logged(
        self, place: Outside, trouble: Trouble, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        channel = self.build(place)
        place.fail(trouble)
        place.fail(trouble, stage="probe")
        outcome = await send(channel, self.message(channel), self.targets())
        health = await channel.probe()
        ours = [r.getMessage() for r in caplog.records if not r.name.startswith("aiohttp")]
        self._nothing_secret_in(outcome.shown + repr(health) + repr(channel) + "".join(ours))

    def _nothing_secret_in(self, shown: str) -> None:
        assert self.secrets
        assert [secret for secret in self.secrets if secret in shown] == []

    # Probing

    async def test_a_probe_finds_a_good_account_and_sends_nothing(self, place: Outside) -> None:
        channel = self.build(place)
        health = await channel.probe()
        assert health.ok, health.says
        assert place.arrived == []

    @pytest.mark.parametrize("trouble", ["credentials", "502", "garbage", "drop"])
    async def test_a_probe_says_what_is_wrong(self, place: Outside, trouble: Trouble) -> None:
        channel = self.build(place)
        place.fail(trouble, stage="probe")
        place.fail(trouble, stage="token")
        health = await channel.probe()
        assert not health.ok
        assert health.says

    async def test_a_probe_of_nobody_says_so(self, place: Outside) -> None:
        channel = place.build(self.config(f"http://127.0.0.1:{closed_port()}"))
        health = await channel.probe()
        assert not health.ok
        assert "127.0.0.1" in health.says

    # Receipts

    async def test_receipts_come_back_by_themselves(self, place: Outside) -> None:
        channel = self.build(place)
        if not channel.traits.receipts:
            pytest.skip("this kind has no receipts")
        outcome = await send(channel, self.message(channel), self.targets())
        await place.sandbox.settle()
        if isinstance(channel, Reports):
            await self._listen(place, channel)
        known = {t.delivery for t, _ in outcome.answers} | {a.ref for _, a in outcome.answers if isinstance(a, Sent)}
        assert place.refused == []
        assert all(r.delivery in known or r.ref in known for r in place.heard)
        assert [r.state for r in place.heard].count("delivered") == len(self.addresses)

    async def _listen(self, place: Outside, channel: Reports) -> None:
        async with asyncio.timeout(HANGS), aclosing(cast("Any", channel.reports())) as reports:
            async for one in reports:
                place.heard.append(one)
                if len(place.heard) == len(self.addresses):
                    return

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
    @pytest.mark.parametrize(
        "body", [b"", b"\xff\xfe\x00", b"<xml>", b"<a/>", b"{}", b"a=1&b", b"<!DOCTYPE x>", b"x" * 99_999]
    )
    def test_a_forged_call_is_turned_away_and_never_raises(self, place: Outside, method: str, body: bytes) -> None:
        channel = self.build(place)
        if not isinstance(channel, Hears):
            pytest.skip("this kind hears nothing")
        for query in ("", "?delivery=d&type=1", "?timestamp=é&nonce=%FF&signature=☃&msg_signature=☃&echostr=x"):
            url = f"{place.origin}/hooks/x{query}"
            reply, receipts = channel.hear(Callback(method, url, {"X-Twilio-Signature": "☃"}, body))
            assert reply.status in (400, 403)
            assert receipts == ()


class PullConformance:
    """What every kind that others fetch must do."""

    marks: ClassVar[Sequence[str]]
    """Words of which one must stand in every readable page while an exercise is shown."""

    @abstractmethod
    def channel(self) -> Pull:
        """The channel."""

    @abstractmethod
    def surface(self) -> Surface:
        """A state with at least one warning in force, not an exercise."""

    def drill(self) -> Surface:
        return replace(self.surface(), exercise=True)

    def quiet(self) -> Surface:
        return replace(self.surface(), entries=())

    def test_it_is_registered_and_says_what_it_is(self) -> None:
        traits = self.channel().traits
        assert traits.pull
        assert open_kind(traits.kind).TRAITS.kind == traits.kind
        assert isinstance(self.channel(), Pull)

    def test_the_same_state_gives_the_same_bytes(self) -> None:
        assert list(self.channel().materialise(self.surface())) == list(self.channel().materialise(self.surface()))

    def test_every_page_has_an_address_a_type_and_a_body(self) -> None:
        pages = self.channel().materialise(self.surface())
        assert pages
        assert len({page.path for page in pages}) == len(pages)
        for page in pages:
            assert page.path.startswith("/") and not page.path.startswith("//")
            assert "/" in page.media_type
            assert page.body

    def test_nothing_in_force_is_said_and_never_left_empty(self) -> None:
        pages = [page for page in self.channel().materialise(self.quiet()) if not page.gone]
        assert pages
        assert all(page.body.strip() for page in pages)

    def test_every_place_served_has_its_proof(self) -> None:
        channel, surface = self.channel(), self.surface()
        paths = {page.path for page in channel.materialise(surface)}
        assert {channel.proof(endpoint) for endpoint in surface.endpoints} <= paths

    def test_an_exercise_is_marked_on_every_readable_page(self) -> None:
        pages = [page for page in self.channel().materialise(self.drill()) if _readable(page)]
        assert pages
        for page in pages:
            text = page.body.decode(page.media_type.partition("charset=")[2] or "utf-8")
            assert any(mark in text for mark in self.marks), page.path


def _readable(page: Page) -> bool:
    kind = page.media_type.partition(";")[0]
    return kind.startswith("text/") or kind.endswith(("json", "xml"))
