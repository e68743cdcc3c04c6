"""Is a signature's shape judged without ever refusing the alert for it?"""

from publisher.formats.read import read
from tests.formats.messages import CAP, NOW, changed

SIGNATURE = """<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>
<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
<Reference URI=""><Transforms>
<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
</Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
<DigestValue>AA==</DigestValue></Reference></SignedInfo><SignatureValue>AA==</SignatureValue></Signature>"""


def problems(signature: str) -> list[str]:
    reading = read(changed("</alert>", f"{signature}</alert>").encode(), now=NOW)
    assert reading.signed
    assert not reading.refused
    assert {finding.code for finding in reading.findings} <= {"SIGNATURE_SUSPICIOUS"}
    return [finding.message for finding in reading.findings]


def test_an_ordinary_enveloped_signature_is_no_matter() -> None:
    assert problems(SIGNATURE) == []


def test_an_unsigned_alert_is_not_signed() -> None:
    assert not read(CAP.encode()).signed


def test_shapes_that_can_be_abused_are_named() -> None:
    assert "2 signatures" in problems(SIGNATURE + SIGNATURE)[0]
    assert "Object" in problems(SIGNATURE.replace("</Signature>", "<Object/></Signature>"))[0]
    assert 'the part "#a"' in problems(SIGNATURE.replace('URI=""', 'URI="#a"'))[0]
    assert "transforms" in problems(SIGNATURE.replace("enveloped-signature", "base64"))[0]
    assert "sha1 is weak" in problems(SIGNATURE.replace("xmlenc#sha256", "xmlenc#sha1"))[0]
    assert "0 parts" in problems('<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>')[0]


def test_a_signature_anywhere_else_is_named_beside_the_schema_error() -> None:
    reading = read(changed("    <web>", f"{SIGNATURE}<web>").encode())
    assert {finding.code for finding in reading.findings} == {"UNSUPPORTED_ELEMENT", "SIGNATURE_SUSPICIOUS"}
