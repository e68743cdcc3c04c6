"""Our CAP message with one thing wrong: how to break it, which finding that must make, and in which layer."""

from collections.abc import Callable

from publisher.model.finding import Layer
from tests.formats.messages import CAP, changed, second_info, update, without

LONG = "潮" * 141
RESOURCE = CAP[CAP.index("    <resource>") : CAP.index("    <area>")]
AREA = CAP[CAP.index("    <area>") : CAP.index("  </info>")]
INFO = CAP[CAP.index("  <info>") : CAP.index("</alert>")]
POLYGON = "30.90,121.80 30.90,121.98 31.02,121.98 31.02,121.80 30.90,121.80"
PAIR = "<valueName>GB/T 2260</valueName><value>990115001000</value>"
URI = "<uri>https://example.org/warnings/7.png</uri>"
WEB = "https://example.org/warnings/7<"


def dropped(name: str) -> Callable[[], str]:
    return lambda: without(name)


def put(old: str, new: str) -> Callable[[], str]:
    return lambda: changed(old, new)


Defect = tuple[Callable[[], str], str, Layer]

REQUIRED: dict[str, Defect] = {
    f"missing {name}": (dropped(name), "MISSING_REQUIRED_ELEMENT", "xsd")
    for name in (
        "identifier",
        "sender",
        "sent",
        "status",
        "msgType",
        "scope",
        "category",
        "event",
        "urgency",
        "severity",
        "certainty",
        "resourceDesc",
        "mimeType",
        "areaDesc",
    )
}
ENUMS: dict[str, Defect] = {
    f"{name} {value!r}": (put(f"<{name}>{word}<", f"<{name}>{value}<"), "INVALID_ENUM_VALUE", "xsd")
    for name, word, value in (
        ("status", "Actual", "Live"),
        ("status", "Actual", "actual"),
        ("msgType", "Alert", "Warning"),
        ("scope", "Public", "All"),
        ("category", "Met", "Marine"),
        ("responseType", "Avoid", "Run"),
        ("urgency", "Expected", "Soon"),
        ("severity", "Moderate", "Yellow"),
        ("severity", "Moderate", ""),
        ("certainty", "Likely", "Sure"),
        ("certainty", "Likely", " Likely "),
    )
}
DATES: dict[str, Defect] = {
    f"{name} {value!r}": (put(f"<{name}>{old}<", f"<{name}>{value}<"), "INVALID_DATE", "xsd")
    for name, old in (
        ("sent", "2026-06-01T16:20:00+08:00"),
        ("effective", "2026-06-01T16:20:00+08:00"),
        ("onset", "2026-06-01T20:00:00+08:00"),
        ("expires", "2026-06-02T06:00:00+08:00"),
    )
    for value in (
        "2026-06-01T08:20:00Z",
        "2026-06-01T16:20:00",
        "2026-06-01 16:20:00+08:00",
        "2026-06-01T16:20:00+0800",
        "2026-06-01T16:20+08:00",
        "2026-06-01T16:20:00.5+08:00",
        "2026-06-31T16:20:00+08:00",
        "2026-13-01T16:20:00+08:00",
        "2026-06-01T25:20:00+08:00",
        "2026-06-01T16:20:00+15:00",
        "2026-06-01",
        "tomorrow",
        "",
    )
}
SCHEMA: dict[str, Defect] = {
    "certainty Very Likely": (put(">Likely<", ">Very Likely<"), "CERTAINTY_VERY_LIKELY_DEPRECATED", "xsd"),
    "an element out of order": (
        lambda: changed("    <web>", "    <audience>渔民</audience>\n    <web>"),
        "INVALID_SEQUENCE",
        "xsd",
    ),
    "area before the texts": (
        lambda: changed("    <senderName>", AREA + "    <senderName>", changed(AREA, "")),
        "INVALID_SEQUENCE",
        "xsd",
    ),
    "a second headline": (
        put("<description>", "<headline>又一条</headline><description>"),
        "DUPLICATE_ELEMENT",
        "xsd",
    ),
    "a second sent": (
        put("<status>", "<sent>2026-06-01T16:20:00+08:00</sent><status>"),
        "DUPLICATE_ELEMENT",
        "xsd",
    ),
    "an unknown element": (put("<web>", "<colour>yellow</colour><web>"), "UNSUPPORTED_ELEMENT", "xsd"),
    "a known element in the wrong group": (
        put("<areaDesc>", "<headline>x</headline><areaDesc>"),
        "UNSUPPORTED_ELEMENT",
        "xsd",
    ),
    "an element of another namespace": (
        put("<web>", '<x:web xmlns:x="urn:example:x">y</x:web><web>'),
        "UNSUPPORTED_ELEMENT",
        "xsd",
    ),
    "a password": (put("<scope>", "<password>x</password><scope>"), "PASSWORD_DEPRECATED", "xsd"),
    "an attribute": (put("<info>", '<info id="1">'), "UNSUPPORTED_ATTRIBUTE", "xsd"),
    "text between elements": (put("  <info>", "  yes <info>"), "INVALID_CHARACTERS", "xsd"),
    "markup in a text": (put("超警戒二十厘米", "超<b>警戒</b>"), "INVALID_VALUE", "xsd"),
    "a language with an underscore": (put("zh-CN", "zh_CN"), "INVALID_LANGUAGE", "xsd"),
    "a blank language": (put("<language>zh-CN", "<language> "), "INVALID_LANGUAGE", "xsd"),
    "an altitude in words": (put("<altitude>0", "<altitude>sea level"), "INVALID_VALUE", "xsd"),
    "a size in words": (put("<size>20480", "<size>20 KB"), "INVALID_RESOURCE_SIZE", "xsd"),
    "a geocode without a name": (
        put(PAIR, "<value>990115001000</value>"),
        "MISSING_REQUIRED_ELEMENT",
        "xsd",
    ),
    "a geocode without a value": (
        put(PAIR, "<valueName>GB/T 2260</valueName>"),
        "MISSING_REQUIRED_ELEMENT",
        "xsd",
    ),
    "no namespace": (put(' xmlns="urn:oasis:names:tc:emergency:cap:1.2"', ""), "NOT_CAP", "xsd"),
    "the namespace of CAP 1.0": (
        put("urn:oasis:names:tc:emergency:cap:1.2", "http://www.incident.com/cap/1.0"),
        "NOT_CAP",
        "xsd",
    ),
    "a feed": (lambda: '<feed xmlns="http://www.w3.org/2005/Atom"/>', "NOT_CAP", "xsd"),
}
WELLFORMED: dict[str, Defect] = {
    "cut off": (lambda: CAP[:700], "MALFORMED_XML", "wellformed"),
    "an undeclared entity": (put("渔船回港", "渔船&nbsp;回港"), "MALFORMED_XML", "wellformed"),
    "a bare ampersand": (put("渔船回港", "渔船 & 回港"), "MALFORMED_XML", "wellformed"),
    "a control character": (put("渔船回港", "渔船\x02回港"), "INVALID_CHARACTERS", "wellformed"),
    "a reference to a control character": (put("渔船回港", "渔船&#2;回港"), "INVALID_CHARACTERS", "wellformed"),
    "nothing": (lambda: "", "EMPTY_INPUT", "wellformed"),
    "only blanks": (lambda: " \n", "EMPTY_INPUT", "wellformed"),
}
SECURITY: dict[str, Defect] = {
    "a doctype": (put("<alert", "<!DOCTYPE alert>\n<alert"), "DTD_REJECTED", "security"),
    "a doctype behind a comment": (
        put("<alert", "<!-- a --><?b c?><!DOCTYPE alert>\n<alert"),
        "DTD_REJECTED",
        "security",
    ),
    "an external entity": (
        put("<alert", '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/hostname">]><alert'),
        "DTD_REJECTED",
        "security",
    ),
    "a comment inside a value": (put(">Actual<", ">Act<!-- -->ual<"), "COMMENT_IN_VALUE", "security"),
    "a comment inside a code": (put("</scope>", "</scope><code>a<!-- -->b</code>"), "COMMENT_IN_VALUE", "security"),
    "a text that reads backwards": (put("外塘潮位", "外塘\u202e潮位"), "INVALID_CHARACTERS", "security"),
    "javascript in web": (put(WEB, "javascript:alert(7)<"), "INVALID_WEB", "security"),
    "hidden javascript in web": (put(WEB, " JaVa&#9;script:alert(7)<"), "INVALID_WEB", "security"),
    "data in web": (put(WEB, "data:text/html,x<"), "INVALID_WEB", "security"),
    "a local file in web": (put(WEB, "file:///etc/hostname<"), "INVALID_WEB", "security"),
    "a local file as resource": (put(URI, "<uri>file:///etc/hostname</uri>"), "INVALID_URI", "security"),
    "too deep": (put("<headline>", "<x>" * 40 + "</x>" * 40 + "<headline>"), "TOO_DEEP", "security"),
    "too deep for the parser": (
        put("<headline>", "<x>" * 400 + "</x>" * 400 + "<headline>"),
        "TOO_DEEP",
        "security",
    ),
    "too many elements": (
        lambda: changed("</scope>", "</scope>" + "<code>a</code>" * 20_001),
        "TOO_MANY_NODES",
        "security",
    ),
    "too many attributes": (
        put("<info>", "<info" + "".join(f' a{n}=""' for n in range(65)) + ">"),
        "TOO_MANY_ATTRIBUTES",
        "security",
    ),
    "too many namespaces": (
        put("<info>", "<info" + "".join(f' xmlns:a{n}="urn:{n}"' for n in range(70)) + ">"),
        "TOO_MANY_ATTRIBUTES",
        "security",
    ),
    "too large": (lambda: changed("外塘潮位", "潮" * 700_000), "TOO_LARGE", "security"),
}
SEMANTIC: dict[str, Defect] = {
    "an identifier with a comma": (put("dyke-desk-20260601-7", "dyke,7"), "INVALID_IDENTIFIER", "semantic"),
    "an identifier with a blank": (put("dyke-desk-20260601-7", "dyke 7"), "INVALID_IDENTIFIER", "semantic"),
    "an identifier with an ampersand": (
        put("dyke-desk-20260601-7", "dyke&amp;7"),
        "INVALID_IDENTIFIER",
        "semantic",
    ),
    "an empty identifier": (put("dyke-desk-20260601-7", ""), "INVALID_IDENTIFIER", "semantic"),
    "a sender with a blank": (put("dyke-desk@example.org", "dyke desk"), "INVALID_SENDER", "semantic"),
    "a sender with less-than": (put("dyke-desk@example.org", "dyke&lt;desk"), "INVALID_SENDER", "semantic"),
    "an empty event": (put(">风暴潮<", "><"), "EMPTY_REQUIRED_TEXT", "semantic"),
    "an empty areaDesc": (put(">外塘沿线<", "><"), "EMPTY_REQUIRED_TEXT", "semantic"),
    "a restriction on a public alert": (
        put("</scope>", "</scope><restriction>内部</restriction>"),
        "RESTRICTION_SCOPE_MISMATCH",
        "semantic",
    ),
    "restricted to nobody": (put(">Public<", ">Restricted<"), "RESTRICTION_SCOPE_MISMATCH", "semantic"),
    "private to nobody": (put(">Public<", ">Private<"), "ADDRESSES_SCOPE_MISMATCH", "semantic"),
    "a bare reference": (lambda: update("dyke-desk-20260601-5"), "INVALID_REFERENCES", "semantic"),
    "a reference with a bad time": (lambda: update("a,b,2026-06-01"), "INVALID_REFERENCES", "semantic"),
    "a reference to itself": (
        lambda: update("dyke-desk@example.org,dyke-desk-20260601-7,2026-06-01T16:20:00+08:00"),
        "CIRCULAR_REFERENCE",
        "semantic",
    ),
    "a reference into the future": (
        lambda: update("dyke-desk@example.org,dyke-desk-9,2026-06-02T12:00:00+08:00"),
        "POSTDATED_REFERENCE",
        "semantic",
    ),
    "a reference with this alert's sent": (
        lambda: update("dyke-desk@example.org,dyke-desk-5,2026-06-01T16:20:00+08:00"),
        "REFERENCE_SENT_IS_OWN",
        "semantic",
    ),
    "a first alert with references": (
        lambda: changed("<msgType>Update", "<msgType>Alert", update()),
        "ALERT_WITH_REFERENCES",
        "semantic",
    ),
    "two infos in one language": (second_info, "DUPLICATE_LANGUAGE_INFO", "semantic"),
    "one text in two languages": (
        lambda: second_info("<language>zh-CN", "<language>en"),
        "SAME_TEXT_DIFFERENT_LANGUAGE",
        "semantic",
    ),
    "escaped tags": (put("外塘潮位", "外塘&lt;br/&gt;潮位"), "TEXT_CONTAINS_HTML_TAGS", "semantic"),
    "tags in CDATA": (put("外塘潮位", "外塘<![CDATA[<p class='x'>]]>潮位"), "TEXT_CONTAINS_HTML_TAGS", "semantic"),
    "entities": (put("外塘潮位", "外塘&amp;#8451;潮位"), "TEXT_CONTAINS_HTML_ENTITIES", "semantic"),
    "entities in a parameter": (put(">5.31<", ">5&amp;deg;<"), "TEXT_CONTAINS_HTML_ENTITIES", "semantic"),
    "an invisible character": (put("外塘潮位", "外塘\u200b潮位"), "INVALID_CHARACTERS", "semantic"),
    "a web without scheme": (put(WEB, "example.org/7<"), "INVALID_WEB", "semantic"),
    "a web with blanks": (put(WEB, "https://example.org/a b<"), "INVALID_WEB", "semantic"),
    "a web with a user name": (put(WEB, "https://example.org@example.net/<"), "INVALID_WEB", "semantic"),
    "a mail address as web": (put(WEB, "mailto:desk@example.org<"), "INVALID_WEB", "semantic"),
    "a relative uri alone": (put(URI, "<uri>7.png</uri>"), "RELATIVE_URI_MISSING_DEREF_URI", "semantic"),
    "a derefUri that is no base64": (put(URI, "<derefUri>not base64!</derefUri>"), "INVALID_DEREF_URI", "semantic"),
    "a file extension as mimeType": (put("image/png", "png"), "INVALID_MIME_TYPE", "semantic"),
    "a negative size": (put("<size>20480", "<size>-1"), "INVALID_RESOURCE_SIZE", "semantic"),
    "a polygon of three points": (put(POLYGON, "30,121 30,122 30,121"), "INVALID_POLYGON", "semantic"),
    "an open polygon": (put(POLYGON, POLYGON.rpartition(" ")[0]), "INVALID_POLYGON", "semantic"),
    "a polygon with longitude first": (
        put(POLYGON, "121.8,30.9 121.98,30.9 121.98,31.02 121.8,30.9"),
        "INVALID_POLYGON",
        "semantic",
    ),
    "a polygon beyond the date line": (put(POLYGON, "1,1 1,181 2,181 1,1"), "INVALID_POLYGON", "semantic"),
    "a polygon in words": (put(POLYGON, "外塘"), "INVALID_POLYGON", "semantic"),
    "an empty polygon": (put(POLYGON, ""), "INVALID_POLYGON", "semantic"),
    "a polygon of nan": (put(POLYGON, "nan,1 1,1 1,2 nan,1"), "INVALID_POLYGON", "semantic"),
    "a polygon without area": (put(POLYGON, "1,1 1,1 1,1 1,1"), "INVALID_POLYGON", "semantic"),
    "a polygon that crosses itself": (
        put(POLYGON, "30.9,121.8 31.02,121.98 30.9,121.98 31.02,121.8 30.9,121.8"),
        "INVALID_POLYGON_SELF_INTERSECTION",
        "semantic",
    ),
    "a circle without radius": (put("30.95,121.95 4.5", "30.95,121.95"), "INVALID_CIRCLE", "semantic"),
    "a circle of negative radius": (put("121.95 4.5", "121.95 -4.5"), "INVALID_CIRCLE", "semantic"),
    "a circle off the Earth": (put("30.95,121.95", "95,121.95"), "INVALID_CIRCLE", "semantic"),
    "a circle around the Earth": (put("121.95 4.5", "121.95 30000"), "INVALID_CIRCLE", "semantic"),
    "a ceiling without altitude": (put("<altitude>0</altitude>", ""), "INVALID_AREA", "semantic"),
    "a ceiling below the altitude": (
        put("<altitude>0<", "<altitude>90<"),
        "INVALID_ALTITUDE_CEILING_RANGE",
        "semantic",
    ),
    "a negative altitude": (put("<altitude>0<", "<altitude>-3<"), "INVALID_VALUE", "semantic"),
}
PROFILE: dict[str, Defect] = {
    "an update of nothing": (put("<msgType>Alert", "<msgType>Update"), "UPDATE_OR_CANCEL_MUST_REFERENCE", "profile"),
    "a cancel of nothing": (put("<msgType>Alert", "<msgType>Cancel"), "UPDATE_OR_CANCEL_MUST_REFERENCE", "profile"),
    "an answer to nothing": (put("<msgType>Alert", "<msgType>Ack"), "ACK_OR_ERROR_MUST_REFERENCE", "profile"),
    "an error without a note": (
        lambda: changed("<msgType>Update", "<msgType>Error", update()),
        "ERROR_NOTE_EXPECTED",
        "profile",
    ),
    "an exercise without a note": (put(">Actual<", ">Exercise<"), "EXERCISE_NOTE_EXPECTED", "profile"),
    "a test": (put(">Actual<", ">Test<"), "TEST_ALERT_DISCOURAGED", "profile"),
    "a draft": (put(">Actual<", ">Draft<"), "STATUS_NOT_FOR_PUBLIC", "profile"),
    "no info": (put(INFO, ""), "INFO_IS_REQUIRED", "profile"),
    "no description": (dropped("description"), "DESCRIPTION_IS_REQUIRED", "profile"),
    "a blank description": (
        put("今夜天文大潮叠加东北风，外塘潮位将超警戒二十厘米。", " "),
        "DESCRIPTION_IS_REQUIRED",
        "profile",
    ),
    "no web": (dropped("web"), "WEB_IS_REQUIRED", "profile"),
    "no expires": (dropped("expires"), "EXPIRES_IS_REQUIRED", "profile"),
    "no area": (put(AREA, ""), "AREA_IS_REQUIRED", "profile"),
    "no headline": (dropped("headline"), "HEADLINE_STRONGLY_RECOMMENDED", "profile"),
    "no senderName": (dropped("senderName"), "SENDER_NAME_STRONGLY_RECOMMENDED", "profile"),
    "no responseType": (dropped("responseType"), "RESPONSE_TYPE_STRONGLY_RECOMMENDED", "profile"),
    "no instruction": (dropped("instruction"), "INSTRUCTION_STRONGLY_RECOMMENDED", "profile"),
    "other categories": (
        lambda: second_info("<category>Met", "<category>Geo"),
        "CATEGORIES_MUST_MATCH",
        "profile",
    ),
    "other event codes": (lambda: second_info("11E02", "11E04"), "EVENT_CODES_MUST_MATCH", "profile"),
    "another event in one language": (
        lambda: second_info(">风暴潮<", ">海浪<"),
        "EVENTS_IN_SAME_LANGUAGE_SHOULD_MATCH",
        "profile",
    ),
    "expired before it begins": (
        put("2026-06-02T06:00:00+08:00", "2026-06-01T16:00:00+08:00"),
        "EFFECTIVE_NOT_AFTER_EXPIRES",
        "profile",
    ),
    "expired before it was sent": (
        put("2026-06-02T06:00:00+08:00", "2026-06-01T16:00:00+08:00"),
        "SENT_NOT_AFTER_EXPIRES",
        "profile",
    ),
    "over before the onset": (
        put("2026-06-02T06:00:00+08:00", "2026-06-01T18:00:00+08:00"),
        "ONSET_NOT_AFTER_EXPIRES",
        "profile",
    ),
    "a long headline": (put("示例区发布风暴潮黄色预警", LONG), "HEADLINE_TOO_LONG", "profile"),
    "a description that says nothing more": (
        put("今夜天文大潮叠加东北风，外塘潮位将超警戒二十厘米。", "示例区发布风暴潮黄色预警"),
        "HEADLINE_AND_DESCRIPTION_SHOULD_DIFFER",
        "profile",
    ),
    "an instruction that says nothing more": (
        put("请勿在堤外逗留，渔船回港避风。", "今夜天文大潮叠加东北风，外塘潮位将超警戒二十厘米。"),
        "DESCRIPTION_AND_INSTRUCTION_SHOULD_DIFFER",
        "profile",
    ),
    "urgency unknown": (put(">Expected<", ">Unknown<"), "UNKNOWN_URGENCY_DISCOURAGED", "profile"),
    "severity unknown": (put(">Moderate<", ">Unknown<"), "UNKNOWN_SEVERITY_DISCOURAGED", "profile"),
    "certainty unknown": (put(">Likely<", ">Unknown<"), "UNKNOWN_CERTAINTY_DISCOURAGED", "profile"),
    "an area in words": (
        lambda: changed(
            f"<geocode>{PAIR}</geocode>",
            "",
            changed("<circle>30.95,121.95 4.5</circle>", "", changed(f"<polygon>{POLYGON}</polygon>", "")),
        ),
        "CIRCLE_POLYGON_OR_GEOCODE_IS_REQUIRED",
        "profile",
    ),
    "an area without shape": (
        lambda: changed("<circle>30.95,121.95 4.5</circle>", "", changed(f"<polygon>{POLYGON}</polygon>", "")),
        "CIRCLE_POLYGON_ENCOURAGED",
        "profile",
    ),
    "a point": (put("121.95 4.5", "121.95 0"), "NONZERO_CIRCLE_RADIUS_RECOMMENDED", "profile"),
    "an empty geocode": (put(">990115001000<", "><"), "EMPTY_GEOCODE_FIELD", "profile"),
    "sent in UTC": (
        put("<sent>2026-06-01T16:20:00+08:00", "<sent>2026-06-01T08:20:00-00:00"),
        "SENT_INCLUDES_UTC_TIMEZONE",
        "profile",
    ),
    "effective in UTC": (
        put("<effective>2026-06-01T16:20:00+08:00", "<effective>2026-06-01T08:20:00+00:00"),
        "EFFECTIVE_INCLUDES_UTC_TIMEZONE",
        "profile",
    ),
    "onset in UTC": (put("20:00:00+08:00", "12:00:00+00:00"), "ONSET_INCLUDES_UTC_TIMEZONE", "profile"),
    "expires in UTC": (put("06:00:00+08:00", "06:00:00+00:00"), "EXPIRES_INCLUDES_UTC_TIMEZONE", "profile"),
}
POLICY: dict[str, Defect] = {
    "over": (
        lambda: CAP.replace("2026-06-0", "2025-06-0"),
        "ALREADY_EXPIRED",
        "policy",
    ),
    "too long": (put("<expires>2026-06-02", "<expires>2026-08-02"), "DURATION_TOO_LONG", "policy"),
    "a foreign alert": (
        lambda: update("pump-desk@example.org,pump-3,2026-06-01T12:00:00+08:00"),
        "REFERENCE_TO_OTHER_SENDER",
        "state",
    ),
}
DEFECTS = REQUIRED | ENUMS | DATES | SCHEMA | WELLFORMED | SECURITY | SEMANTIC | PROFILE | POLICY
