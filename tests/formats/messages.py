"""Our own alerts for tests: one clean message in each format, and a way to break it in exactly one place."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "cap-samples"
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)

CAP = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>dyke-desk-20260601-7</identifier>
  <sender>dyke-desk@example.org</sender>
  <sent>2026-06-01T16:20:00+08:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <info>
    <language>zh-CN</language>
    <category>Met</category>
    <event>风暴潮</event>
    <responseType>Avoid</responseType>
    <urgency>Expected</urgency>
    <severity>Moderate</severity>
    <certainty>Likely</certainty>
    <eventCode><valueName>GB/T 35561</valueName><value>11E02</value></eventCode>
    <effective>2026-06-01T16:20:00+08:00</effective>
    <onset>2026-06-01T20:00:00+08:00</onset>
    <expires>2026-06-02T06:00:00+08:00</expires>
    <senderName>示例区海塘值守组</senderName>
    <headline>示例区发布风暴潮黄色预警</headline>
    <description>今夜天文大潮叠加东北风，外塘潮位将超警戒二十厘米。</description>
    <instruction>请勿在堤外逗留，渔船回港避风。</instruction>
    <web>https://example.org/warnings/7</web>
    <contact>+86 100 0000 0007</contact>
    <parameter><valueName>gauge</valueName><value>5.31</value></parameter>
    <resource>
      <resourceDesc>潮位图</resourceDesc>
      <mimeType>image/png</mimeType>
      <size>20480</size>
      <uri>https://example.org/warnings/7.png</uri>
    </resource>
    <area>
      <areaDesc>外塘沿线</areaDesc>
      <polygon>30.90,121.80 30.90,121.98 31.02,121.98 31.02,121.80 30.90,121.80</polygon>
      <circle>30.95,121.95 4.5</circle>
      <geocode><valueName>GB/T 2260</valueName><value>990115001000</value></geocode>
      <altitude>0</altitude>
      <ceiling>40</ceiling>
    </area>
  </info>
</alert>
"""

REFERENCE = "dyke-desk@example.org,dyke-desk-20260601-5,2026-06-01T12:00:00+08:00"


def changed(old: str, new: str, text: str = CAP) -> str:
    """The message with the one occurrence of `old` replaced; a test that no longer breaks anything fails here."""
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
    return text.replace(old, new)


def without(name: str) -> str:
    """The message without the first element of that name."""
    start = CAP.index(f"<{name}>")
    end = CAP.index(f"</{name}>") + len(f"</{name}>")
    return CAP[:start] + CAP[end:]


def prefixed(text: str = CAP) -> str:
    """The message with a prefix on every element."""
    return (
        text.replace("<", "<cap:").replace("<cap:/", "</cap:").replace("<cap:?", "<?").replace("xmlns=", "xmlns:cap=")
    )


def update(references: str = REFERENCE, text: str = CAP) -> str:
    """The message as an Update of an earlier one."""
    text = changed("<msgType>Alert", "<msgType>Update", text)
    return changed("</scope>", f"</scope><references>{references}</references>", text)


def second_info(old: str = "<language>zh-CN", new: str = "<language>zh-CN", text: str = CAP) -> str:
    """The message with its info repeated, and one place of the copy changed."""
    start, end = text.index("  <info>"), text.index("</alert>")
    copy = changed(old, new, text[start:end])
    return text[:end] + copy + text[end:]


def corpus(folder: str) -> list[Path]:
    """The files of a folder of the public samples; skips the test where the samples are not there."""
    if not CORPUS.is_dir():
        pytest.skip("skipped: no corpus")
    return sorted(path for path in (CORPUS / folder).iterdir() if path.suffix not in (".csv", ".tsv"))


DIALECT = """<?xml version="1.0" encoding="UTF-8"?>
<alert>
  <identifier>99011541600000_20260601161803</identifier>
  <sender>示例区气象台</sender>
  <senderCode>99011541600000</senderCode>
  <sendTime>2026-06-01 16:20:00+08:00</sendTime>
  <status>Actual</status>
  <msgType>Update</msgType>
  <scope>Public</scope>
  <code>
    <method>
      <methodName>SMS</methodName>
      <message>示例区气象台升级发布大风橙色预警。</message>
      <audienceGrp>101,102,</audienceGrp>
      <audenceprt>+86 100 0000 0001,</audenceprt>
    </method>
    <method>
      <methodName>LED</methodName>
      <message>大风橙色预警</message>
      <audienceGrp>,</audienceGrp>
      <audiencePrt>,</audiencePrt>
    </method>
    <method>
      <methodName>WEB</methodName>
      <message></message>
    </method>
  </code>
  <secClassification>None</secClassification>
  <note></note>
  <references>99011541600000_20260601101500</references>
  <info>
    <language>zh-CN</language>
    <eventType>11B06</eventType>
    <urgency>Unknown</urgency>
    <severity>Orange</severity>
    <certainty>VeryLikely</certainty>
    <effective>2026-06-01 16:25:11+08:00</effective>
    <onset></onset>
    <expires>2026-06-02 04:20:00+08:00</expires>
    <senderName>签发岗甲</senderName>
    <headline>示例区气象台发布大风橙色预警[II级/严重]</headline>
    <description>今夜到明晨偏北风八级，阵风十级。</description>
    <instruction></instruction>
    <web></web>
    <area>
      <areaDesc>甲镇,乙镇,</areaDesc>
      <polygon></polygon>
      <circle>30.95,121.95 4500</circle>
      <geocode>990115001000,990115002000,</geocode>
    </area>
  </info>
</alert>
"""

JSON_ALERT: dict[str, object] = {
    "identifier": "pump-20260601-3",
    "sender": "pump-desk.example",
    "sent": "2026-06-01T16:20:00+08:00",
    "act": "issue",
    "hazard": "11B03",
    "level": "橙色",
    "areas": ["990115001000", "990115002000"],
    "area_words": ["北部街镇"],
    "headline": "示例区发布暴雨橙色预警",
    "description": "预计三小时内雨量达五十毫米。",
    "instruction": "请勿涉水行车。",
    "language": "zh-CN",
    "effective": "2026-06-01T16:20:00+08:00",
    "expires": "2026-06-01T22:20:00+08:00",
    "contact": "+86 100 0000 0002",
    "web": "https://example.org/w/3",
    "parameters": {"station": "甲站"},
}
