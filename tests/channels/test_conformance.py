"""Do the push kinds keep the contract? Each runs the whole kit against the sandbox's provider."""

from collections.abc import Mapping
from typing import ClassVar

from tests.kit.conformance import PushConformance

RECEIPT_SECRET = "receipts-are-signed-with-this"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
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
