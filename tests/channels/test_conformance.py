"""Do the push kinds keep the contract? Each runs the whole kit against the sandbox's provider."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest

from channels.base import About, Fields, Push
from channels.sandbox.browsers import Browser
from publisher.formats.cn_write import write_cn
from publisher.model.bulletin import Chain
from publisher.model.delivery import Message
from publisher.model.slots import fill_bytes
from tests.kit import typhoon_night as night
from tests.kit.conformance import PushConformance
from tests.kit.outside import Outside, Trouble, message

RECEIPT_SECRET = "receipts-are-signed-with-this"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SIGNING_KEY = "calls-are-signed-with-this-key"
TEXT = "浦东新区发布暴雨红色预警，请立即转移到安全地带。"


class TestKannel(PushConformance):
    kind = "kannel"
    addresses = ("+8610000000001", "+8610000000002", "+8610000000003")
    secrets = ("gateway-password", RECEIPT_SECRET)
    words: ClassVar[Mapping[str, str]] = {"body": TEXT}
    long_words: ClassVar[Mapping[str, str]] = {"body": TEXT * 40}

    def config(self, base: str) -> dict[str, object]:
        return {
            "base_url": base,
            "username": "hub",
            "password": "gateway-password",
            "receipt_secret": RECEIPT_SECRET,
        }


class TestTwilio(PushConformance):
    kind = "twilio"
    addresses = ("+447700900001", "+447700900002", "+447700900003")
    secrets = ("account-auth-token",)
    words: ClassVar[Mapping[str, str]] = {"body": TEXT}
    long_words: ClassVar[Mapping[str, str]] = {"body": TEXT * 80}

    def config(self, base: str) -> dict[str, object]:
        return {
            "base_url": base,
            "account_sid": "AC" + "a" * 32,
            "auth_token": "account-auth-token",
            "messaging_service_sid": "MG" + "0" * 32,
        }


class TestWechatOfficial(PushConformance):
    kind = "wechat_official"
    addresses = ("follower-1", "tag:2", "follower-3")
    secrets = ("official-app-secret", "official-token", AES_KEY)
    words: ClassVar[Mapping[str, str]] = {
        "title": "暴雨红色预警",
        "level": "红色预警",
        "area": "全区",
        "time": "15:01",
        "action": "立即转移",
    }
    long_words: ClassVar[Mapping[str, str]] = {**words, "title": "浦东新区" * 6}

    def config(self, base: str) -> dict[str, object]:
        return {
            "base_url": base,
            "app_id": "wxapp",
            "app_secret": "official-app-secret",
            "template_id": "template-1",
            "token": "official-token",
            "aes_key": AES_KEY,
        }


class TestWecom(PushConformance):
    kind = "wecom"
    addresses = ("member-1", "party:2", "tag:3")
    secrets = ("application-secret", "application-token", AES_KEY)
    words: ClassVar[Mapping[str, str]] = {"title": "暴雨红色预警", "body": TEXT}
    long_words: ClassVar[Mapping[str, str]] = {"title": "暴雨红色预警", "body": TEXT * 40}

    def config(self, base: str) -> dict[str, object]:
        return {
            "base_url": base,
            "corp_id": "ww1",
            "secret": "application-secret",
            "agent_id": 1000002,
            "token": "application-token",
            "aes_key": AES_KEY,
        }


class TestVoice(PushConformance):
    kind = "voice"
    addresses = ("+8610000000001", "+8610000000002", "+8610000000003")
    secrets = ("gateway-line-key", SIGNING_KEY)
    words: ClassVar[Mapping[str, str]] = {"script": TEXT}
    long_words: ClassVar[Mapping[str, str]] = {"script": TEXT * 40}

    def config(self, base: str) -> dict[str, object]:
        return {"base_url": base, "key": "gateway-line-key", "receipt_key": SIGNING_KEY, "caller": "12379"}


class TestWebhook(PushConformance):
    kind = "webhook"
    addresses = ("inbox-1", "town/inbox-2", "inbox-3")
    secrets = (SIGNING_KEY, "reports-are-signed-with-this")
    words: ClassVar[Mapping[str, str]] = {"title": "暴雨红色预警", "body": TEXT}
    long_words: ClassVar[Mapping[str, str]] = {"title": "暴雨红色预警", "body": TEXT * 6000}

    def config(self, base: str) -> dict[str, object]:
        receipts = {"receipt_key": "reports-are-signed-with-this"}
        return {"base_url": base, "format": "json", "key": SIGNING_KEY, "private": True, **receipts}


class TestEbm(PushConformance):
    kind = "ebm"
    addresses = ("31011500000001", "31011500000002", "31011500000003")
    secrets = ("reports-carry-this-key",)
    words: ClassVar[Mapping[str, str]] = {"title": "暴雨红色预警", "body": TEXT}
    long_words: ClassVar[Mapping[str, str]] = {"title": "暴雨红色预警", "body": TEXT * 100}

    def config(self, base: str) -> dict[str, object]:
        return {"base_url": base, "platform": "31011500000000", "receipt_key": "reports-carry-this-key"}

    def fields(self, words: Mapping[str, str]) -> Fields:
        content = night.content()
        return replace(super().fields(words), about=About(content, 0, Chain(), night.pack()))


class TestCap12379(PushConformance):
    kind = "cap12379"
    addresses = ("platform", "sms-all")
    secrets = (SIGNING_KEY, "reports-are-signed-with-this")
    words: ClassVar[Mapping[str, str]] = {"title": "暴雨红色预警", "body": TEXT}
    long_words: ClassVar[Mapping[str, str]] = {"title": "暴雨红色预警", "body": TEXT * 20_000}

    def config(self, base: str) -> dict[str, object]:
        return {"base_url": base, "key": SIGNING_KEY, "receipt_key": "reports-are-signed-with-this"}

    def message(self, channel: Push, expires: datetime | None = None) -> Message:
        """The release's own file, its slots filled."""
        file = write_cn(night.content(), 0, pack=night.pack(), chain=Chain())
        zone = ZoneInfo("Asia/Shanghai")
        return message(fill_bytes(file, issued=datetime.now(UTC), public_id="1", zone=zone), "application/xml", expires)


class TestEmail(PushConformance):
    kind = "email"
    addresses = ("duty@town-1.example.org", "duty@town-2.example.org", "duty@town-3.example.org")
    secrets = ("mailbox-password",)
    words: ClassVar[Mapping[str, str]] = {"title": "暴雨红色预警", "body": TEXT}
    long_words: ClassVar[Mapping[str, str]] = {"title": "暴雨红色预警", "body": TEXT * 1000}
    address_key = "server"
    told_when = None

    def config(self, base: str) -> dict[str, object]:
        server = base.replace("http://", "smtp://")
        return {
            "server": server if ":" in server.removeprefix("smtp://") else f"{server}:1",
            "sender": "warnings@example.org",
            "username": "hub",
            "password": "mailbox-password",
            "plain": True,
        }


class TestMqtt(PushConformance):
    kind = "mqtt"
    addresses = ("display-1", "display-2", "display-3")
    secrets = ("broker-password",)
    words: ClassVar[Mapping[str, str]] = {"label": "红色预警", "body": TEXT}
    long_words: ClassVar[Mapping[str, str]] = {"label": "红色预警", "body": TEXT * 2000}
    address_key = "server"
    told_when = None

    def config(self, base: str) -> dict[str, object]:
        server = base.replace("http://", "ws://")
        return {
            "server": server if ":" in server.removeprefix("ws://") else f"{server}:1",
            "username": "hub",
            "password": "broker-password",
        }


class TestSmpp(PushConformance):
    kind = "smpp"
    addresses = ("+8610000000001", "+8610000000002", "+8610000000003")
    secrets = ("bindpw-1",)
    words: ClassVar[Mapping[str, str]] = {"body": TEXT}
    long_words: ClassVar[Mapping[str, str]] = {"body": TEXT * 40}
    address_key = "server"
    told_when = None

    def config(self, base: str) -> dict[str, object]:
        server = base.replace("http://", "smpp://")
        return {
            "server": server if ":" in server.removeprefix("smpp://") else f"{server}:1",
            "system_id": "hub",
            "password": "bindpw-1",
            "sender": "12379",
            "sender_ton": 3,
        }


VAPID = "xV1Q3cB3tMnxEqnAhxRlKOV4C8SLvCmm0uDGJ8gm6wo"
"""A private key made for these tests."""
BROWSERS = {name: Browser(name) for name in ("browser-1", "browser-2", "browser-3")}


class TestWebpush(PushConformance):
    kind = "webpush"
    addresses = tuple(one.address for one in BROWSERS.values())
    secrets = (VAPID,)
    words: ClassVar[Mapping[str, str]] = {"title": "暴雨红色预警", "body": TEXT}
    long_words: ClassVar[Mapping[str, str]] = {"title": "暴雨红色预警", "body": TEXT * 60}
    address_key = "services"
    own_keys = True

    def prepare(self, place: Outside) -> None:
        place.sandbox.browsers.update(BROWSERS)

    def config(self, base: str) -> dict[str, object]:
        return {"key": VAPID, "subject": "mailto:warnings@example.org", "services": {"push.example.org": base}}


class TestApprise(PushConformance):
    kind = "apprise"
    addresses = ("room-1", "room-2", "room-3")
    secrets = ("room-token",)
    words: ClassVar[Mapping[str, str]] = {"title": "暴雨红色预警", "body": TEXT}
    long_words: ClassVar[Mapping[str, str]] = {"title": "暴雨红色预警", "body": TEXT * 100}
    address_key = "probe_url"
    told_when = None
    own_keys = True

    def config(self, base: str) -> dict[str, object]:
        rooms = base.replace("http://", "json://hub:room-token@")
        services = {room: f"{rooms}/{room}" for room in self.addresses}
        return {"services": services, "private": True, "probe_url": f"{base}/health"}

    @pytest.mark.parametrize("trouble", ["drop", "502", "504"])
    async def test_no_clear_answer_may_have_been_sent(self, place: Outside, trouble: Trouble) -> None:
        """Apprise takes any 200 for a yes: somebody else's page is kept away by TLS, not by reading it."""
        await super().test_no_clear_answer_may_have_been_sent(place, trouble)
