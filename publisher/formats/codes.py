"""Which findings exist? The one registry of codes: docs/formats.md is checked against it.

Names are the public CAP validator's reasons (google/cap-library) where it has one, so that a sender can look them up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from publisher.model.finding import REFUSING_LAYERS, Finding, Layer


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding: the layers it may be found in (the first is the usual one) and what it means."""

    layers: tuple[Layer, ...]
    meaning: str
    repair: bool = False


_WELLFORMED: dict[str, Code] = {
    "EMPTY_INPUT": Code(("wellformed",), "nothing was sent"),
    "MALFORMED_XML": Code(("wellformed",), "not well-formed XML: cut off, tags that do not match, unknown entities"),
    "MALFORMED_JSON": Code(("wellformed",), "not well-formed JSON, or not a single object"),
    "UNSUPPORTED_ENCODING": Code(
        ("wellformed",), "not UTF-8, UTF-16 with a byte order mark, GB18030/GBK/GB2312 or ISO-8859-1"
    ),
    "INVALID_CHARACTERS": Code(
        ("wellformed", "xsd", "security", "semantic"),
        "wellformed: bytes or characters XML forbids; xsd: loose text between elements; security: control or "
        "text-reversing characters in a value; semantic: other invisible characters in a value",
    ),
}

_SECURITY: dict[str, Code] = {
    "DTD_REJECTED": Code(("security",), "a DOCTYPE: entity bombs and external entities start there"),
    "COMMENT_IN_VALUE": Code(("security",), "an XML comment inside a value: signed and read text could differ"),
    "TOO_LARGE": Code(("security",), "more bytes than the source may send"),
    "TOO_DEEP": Code(("security",), "elements or objects nested too deeply"),
    "TOO_MANY_NODES": Code(("security",), "too many elements"),
    "TOO_MANY_ATTRIBUTES": Code(("security",), "too many attributes on one element"),
}

_SCHEMA: dict[str, Code] = {
    "NOT_CAP": Code(("xsd",), "neither CAP 1.2, CAP 1.1, the 12379 dialect nor our JSON alert"),
    "MISSING_REQUIRED_ELEMENT": Code(("xsd",), "a required element is missing"),
    "DUPLICATE_ELEMENT": Code(("xsd",), "an element that may occur once occurs again"),
    "UNSUPPORTED_ELEMENT": Code(("xsd", "semantic"), "an element the format does not know (12379: ignored)"),
    "UNSUPPORTED_ATTRIBUTE": Code(("xsd",), "an attribute; CAP has none"),
    "INVALID_SEQUENCE": Code(("xsd",), "elements in the wrong order"),
    "INVALID_ENUM_VALUE": Code(("xsd",), "a word outside the fixed list of its element"),
    "CERTAINTY_VERY_LIKELY_DEPRECATED": Code(("xsd",), "certainty Very Likely, dropped after CAP 1.0"),
    "PASSWORD_DEPRECATED": Code(("xsd",), "the password element of CAP 1.0"),
    "INVALID_DATE": Code(
        ("xsd", "semantic"), "a time not written YYYY-MM-DDThh:mm:ss±hh:mm, or one that does not exist"
    ),
    "INVALID_LANGUAGE": Code(("xsd",), "a language tag that is not RFC 3066 (zh-CN, not zh_CN)"),
    "INVALID_VALUE": Code(("xsd", "semantic"), "a value of the wrong kind"),
    "INVALID_RESOURCE_SIZE": Code(("xsd", "semantic"), "a resource size that is not a number of bytes"),
    "OTHER": Code(("xsd",), "a schema error without a name of its own"),
}

_SEMANTIC: dict[str, Code] = {
    "INVALID_IDENTIFIER": Code(("semantic",), "identifier empty or with spaces, commas, < or &"),
    "INVALID_SENDER": Code(("semantic",), "sender empty or with spaces, commas, < or &"),
    "EMPTY_REQUIRED_TEXT": Code(("semantic",), "a required text is there but empty"),
    "RESTRICTION_SCOPE_MISMATCH": Code(("semantic",), "restriction and scope Restricted go together"),
    "ADDRESSES_SCOPE_MISMATCH": Code(("semantic",), "scope Private without addresses"),
    "INVALID_REFERENCES": Code(("semantic",), "references is not a list of sender,identifier,sent"),
    "CIRCULAR_REFERENCE": Code(("semantic",), "the alert refers to itself"),
    "POSTDATED_REFERENCE": Code(("semantic",), "a referenced alert was sent after this one"),
    "REFERENCE_SENT_IS_OWN": Code(
        ("semantic",), "a reference carries this alert's own sent: match on sender and identifier"
    ),
    "ALERT_WITH_REFERENCES": Code(("semantic",), "msgType Alert yet earlier alerts are referenced: perhaps an Update"),
    "DUPLICATE_LANGUAGE_INFO": Code(("semantic",), "two info blocks in one language"),
    "SAME_TEXT_DIFFERENT_LANGUAGE": Code(("semantic",), "the same text under two languages"),
    "TEXT_CONTAINS_HTML_TAGS": Code(("semantic",), "HTML tags in a text"),
    "TEXT_CONTAINS_HTML_ENTITIES": Code(("semantic",), "HTML entities in a text"),
    "INVALID_WEB": Code(
        ("semantic", "xsd", "security"),
        "web is not an absolute http(s) address; security: javascript:, data:, file: and their like",
    ),
    "INVALID_URI": Code(("semantic", "xsd", "security"), "the same for a resource's uri"),
    "RELATIVE_URI_MISSING_DEREF_URI": Code(("semantic",), "a relative uri without the content in derefUri"),
    "INVALID_DEREF_URI": Code(("semantic",), "derefUri is not base64"),
    "INVALID_MIME_TYPE": Code(("semantic",), "mimeType is not a media type such as image/png"),
    "INVALID_POLYGON": Code(
        ("semantic",), "polygon not lat,lon pairs in range, fewer than four, not closed, or without area"
    ),
    "INVALID_POLYGON_SELF_INTERSECTION": Code(("semantic",), "the outline crosses or touches itself"),
    "POLYGON_TOO_DETAILED": Code(("semantic",), "over 5,000 points: not searched for crossings"),
    "INVALID_CIRCLE": Code(("semantic",), "circle is not lat,lon and a radius in kilometres"),
    "INVALID_AREA": Code(("semantic",), "ceiling without altitude"),
    "INVALID_ALTITUDE_CEILING_RANGE": Code(("semantic",), "ceiling below altitude"),
    "MORE_FINDINGS": Code(("semantic",), "over 1,000 findings: the rest was left out"),
    "ASSUMED_BEIJING_TIME": Code(("semantic",), "a 12379 time without offset was read as +08:00"),
    "CAP11_VALUE_MAPPED": Code(("semantic",), "a CAP 1.1 value was rewritten for CAP 1.2"),
}

_PROFILE: dict[str, Code] = {
    "UPDATE_OR_CANCEL_MUST_REFERENCE": Code(("profile",), "Update or Cancel without references"),
    "ACK_OR_ERROR_MUST_REFERENCE": Code(("profile",), "Ack or Error without references"),
    "ERROR_NOTE_EXPECTED": Code(("profile",), "msgType Error without a note that says why"),
    "EXERCISE_NOTE_EXPECTED": Code(("profile",), "status Exercise without a note that says which"),
    "TEST_ALERT_DISCOURAGED": Code(("profile",), "status Test: never published to the public"),
    "STATUS_NOT_FOR_PUBLIC": Code(("profile",), "status System or Draft: never published to the public"),
    "INFO_IS_REQUIRED": Code(("profile",), "no info block"),
    "DESCRIPTION_IS_REQUIRED": Code(("profile",), "no description"),
    "WEB_IS_REQUIRED": Code(("profile",), "no web address"),
    "EXPIRES_IS_REQUIRED": Code(("profile",), "no expires"),
    "AREA_IS_REQUIRED": Code(("profile",), "no area"),
    "CIRCLE_POLYGON_OR_GEOCODE_IS_REQUIRED": Code(("profile",), "an area in words only"),
    "CATEGORIES_MUST_MATCH": Code(("profile",), "info blocks differ in category"),
    "EVENT_CODES_MUST_MATCH": Code(("profile",), "info blocks differ in eventCode"),
    "EVENTS_IN_SAME_LANGUAGE_SHOULD_MATCH": Code(("profile",), "info blocks of one language differ in event"),
    "EFFECTIVE_NOT_AFTER_EXPIRES": Code(("profile",), "expires not after effective (or sent)"),
    "ONSET_NOT_AFTER_EXPIRES": Code(("profile",), "expires not after onset"),
    "SENT_NOT_AFTER_EXPIRES": Code(("profile",), "expires not after sent"),
    "SENDER_NAME_STRONGLY_RECOMMENDED": Code(("profile",), "no senderName"),
    "RESPONSE_TYPE_STRONGLY_RECOMMENDED": Code(("profile",), "no responseType"),
    "INSTRUCTION_STRONGLY_RECOMMENDED": Code(("profile",), "no instruction"),
    "HEADLINE_STRONGLY_RECOMMENDED": Code(("profile",), "no headline"),
    "HEADLINE_TOO_LONG": Code(("profile",), "headline over 140 characters"),
    "HEADLINE_AND_DESCRIPTION_SHOULD_DIFFER": Code(("profile",), "headline and description are the same"),
    "DESCRIPTION_AND_INSTRUCTION_SHOULD_DIFFER": Code(("profile",), "description and instruction are the same"),
    "UNKNOWN_URGENCY_DISCOURAGED": Code(("profile",), "urgency Unknown"),
    "UNKNOWN_SEVERITY_DISCOURAGED": Code(("profile",), "severity Unknown"),
    "UNKNOWN_CERTAINTY_DISCOURAGED": Code(("profile",), "certainty Unknown"),
    "NONZERO_CIRCLE_RADIUS_RECOMMENDED": Code(("profile",), "a circle of radius 0"),
    "CIRCLE_POLYGON_ENCOURAGED": Code(("profile",), "no shape, codes only"),
    "EMPTY_GEOCODE_FIELD": Code(("profile",), "a geocode without name or value"),
    "SENT_INCLUDES_UTC_TIMEZONE": Code(("profile",), "sent in UTC: is that the local zone?"),
    "EFFECTIVE_INCLUDES_UTC_TIMEZONE": Code(("profile",), "effective in UTC"),
    "ONSET_INCLUDES_UTC_TIMEZONE": Code(("profile",), "onset in UTC"),
    "EXPIRES_INCLUDES_UTC_TIMEZONE": Code(("profile",), "expires in UTC"),
}

_POLICY: dict[str, Code] = {
    "ALREADY_EXPIRED": Code(("policy",), "expires has passed; needs the time of reading"),
    "DURATION_TOO_LONG": Code(("policy",), "valid for longer than the limit (7 days unless configured)"),
    "SIGNATURE_SUSPICIOUS": Code(
        ("policy",), "an XML signature of a shape that can be abused; nobody verified it here"
    ),
    "REFERENCE_TO_OTHER_SENDER": Code(("state",), "the alert speaks about another sender's alert"),
}

_REPAIRS: dict[str, Code] = {
    "REPAIRED_ENCODING": Code(("xsd",), "the declared encoding was wrong, the bytes are UTF-8", repair=True),
    "REPAIRED_LEADING_SPACE": Code(("xsd",), "blanks before the XML declaration were dropped", repair=True),
    "REPAIRED_NAMESPACE": Code(("xsd",), "the CAP 1.2 namespace was missing or wrong on an element", repair=True),
    "REPAIRED_ELEMENT_NAME": Code(("xsd",), "an element was written in the wrong case", repair=True),
    "REPAIRED_UNSUPPORTED_ELEMENT": Code(("xsd",), "an unknown element was dropped", repair=True),
    "REPAIRED_UNSUPPORTED_ATTRIBUTE": Code(("xsd",), "an attribute was dropped", repair=True),
    "REPAIRED_MARKUP": Code(("xsd",), "elements inside a text were dropped, their text kept", repair=True),
    "REPAIRED_LOOSE_TEXT": Code(("xsd",), "text between elements was dropped", repair=True),
    "REPAIRED_DUPLICATE_ELEMENT": Code(("xsd",), "an identical or empty copy of an element was dropped", repair=True),
    "REPAIRED_EMPTY_ELEMENT": Code(("xsd",), "an empty optional element was dropped", repair=True),
    "REPAIRED_ENUM_VALUE": Code(("xsd",), "a word of a fixed list was brought into its spelling", repair=True),
    "REPAIRED_DATE": Code(("xsd",), "a time was rewritten the CAP way", repair=True),
    "REPAIRED_LANGUAGE": Code(("xsd",), "a language tag was rewritten the RFC 3066 way", repair=True),
    "REPAIRED_MISSING_ELEMENT": Code(
        ("xsd",), "a required element was filled in without claiming anything", repair=True
    ),
    "REPAIRED_SEQUENCE": Code(("xsd",), "elements were put in order", repair=True),
}

CODES: Mapping[str, Code] = MappingProxyType(
    {**_WELLFORMED, **_SECURITY, **_SCHEMA, **_SEMANTIC, **_PROFILE, **_POLICY, **_REPAIRS}
)


def finding(code: str, path: str, message: str, layer: Layer | None = None) -> Finding:
    """Make a finding of a registered code, in the code's usual layer unless `layer` says another one it may have.

    Raises KeyError for an unregistered code and ValueError for a layer the code does not have.
    """
    known = CODES[code]
    where = known.layers[0] if layer is None else layer
    if where not in known.layers:
        raise ValueError(f"{code} is not found in layer {where}: {', '.join(known.layers)}")
    return Finding(code, where, where in REFUSING_LAYERS and not known.repair, path, message)
