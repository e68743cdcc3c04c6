"""Does a signature prove the file, the whole file, and nothing but the file?"""

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from publisher.formats.cap_write import write_cap
from publisher.formats.read import read
from publisher.formats.sign import SigningError, make_key, sign, verify
from publisher.formats.xsd import schema
from publisher.model.bulletin import Chain
from tests.kit import public_site as site
from tests.kit import typhoon_night as night


@cache
def keys() -> tuple[bytes, bytes]:
    return make_key("warnings.example.org")


@cache
def plain() -> bytes:
    body = write_cap(night.content(), pack=night.pack(), chain=Chain(), public_url=site.PUBLIC_URL)
    return site.filled(body, night.pack(), "310999-20260721-000042")


@cache
def signed() -> bytes:
    return sign(plain(), *keys())


def test_a_signed_file_verifies_and_is_still_valid_cap() -> None:
    root = etree.fromstring(signed())
    schema().assertValid(root)
    assert root[-1].tag.endswith("Signature")
    trusted = etree.fromstring(verify(signed(), keys()[1]))
    assert etree.tostring(trusted, method="c14n") == etree.tostring(etree.fromstring(plain()), method="c14n")
    assert {one.code for one in read(signed()).findings} == {"CIRCLE_POLYGON_ENCOURAGED"}


def test_signing_changes_nothing_else() -> None:
    head, _, _ = signed().partition(b"<ds:Signature")
    assert head == plain().removesuffix(b"</alert>")


def test_the_methods_are_the_ones_we_promise() -> None:
    used = re.findall(rb'Algorithm="([^"]+)"', signed())
    assert sorted({one.decode().rpartition("/")[2] for one in used}) == [
        "xml-exc-c14n#",
        "xmldsig#enveloped-signature",
        "xmldsig-more#ecdsa-sha256",
        "xmlenc#sha256",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<severity>Severe", b"<severity>Minor"),
        ("暴雨".encode(), "大风".encode()),
        (b"<status>Actual", b"<status>Test"),
        (b"</info><ds", b"</info> <ds"),
        (b"<sender>", b'<sender xmlns:x="urn:y" x:z="1">'),
    ],
)
def test_a_tampered_file_does_not_verify(old: bytes, new: bytes) -> None:
    assert old in signed()
    with pytest.raises(SigningError):
        verify(signed().replace(old, new, 1), keys()[1])


def test_another_ones_certificate_does_not_verify_ours() -> None:
    with pytest.raises(SigningError):
        verify(signed(), make_key("other.example.org")[1])


def test_a_forger_cannot_bring_a_certificate_along() -> None:
    forged = sign(plain(), *make_key("warnings.example.org"))
    with pytest.raises(SigningError):
        verify(forged, keys()[1])


def test_an_unsigned_file_does_not_verify() -> None:
    with pytest.raises(SigningError, match="exactly one signature"):
        verify(plain(), keys()[1])


def test_a_wrapped_original_does_not_verify_another_alert() -> None:
    original = signed().partition(b"?>\n")[2]
    evil = plain().replace(b"Severe", b"Minor").removesuffix(b"</alert>") + original + b"</alert>"
    with pytest.raises(SigningError):
        verify(evil, keys()[1])


def test_a_signature_moved_into_another_alert_does_not_verify_it() -> None:
    moved = signed()[signed().index(b"<ds:Signature") :]
    with pytest.raises(SigningError):
        verify(plain().replace(b"Severe", b"Minor").removesuffix(b"</alert>") + moved, keys()[1])


def test_a_signature_of_a_part_does_not_count() -> None:
    with pytest.raises(SigningError, match="whole alert"):
        verify(signed().replace(b'URI=""', b'URI="#x"'), keys()[1])


def test_a_comment_cannot_change_what_is_read_from_the_verified_bytes() -> None:
    sly = signed().replace(b"<sender>warnings@", b"<sender>warnings<!-- -->@", 1)
    trusted = verify(sly, keys()[1])
    assert b"<!--" not in trusted
    assert b"<sender>warnings@example.org</sender>" in trusted


@pytest.mark.parametrize(
    "bad",
    [b"", b"<alert/>", b"<!DOCTYPE alert [<!ENTITY a 'b'>]>", b"not xml"],
)
def test_what_is_no_cap_alert_is_not_signed(bad: bytes) -> None:
    with pytest.raises(SigningError):
        sign(bad, *keys())
    with pytest.raises(SigningError):
        sign(plain().replace(b"<alert", b"<!DOCTYPE alert [<!ENTITY a 'b'>]><alert"), *keys())


def test_a_file_is_not_signed_twice() -> None:
    with pytest.raises(SigningError, match="signed already"):
        sign(signed(), *keys())


def test_a_key_that_does_not_fit_is_refused_loudly() -> None:
    with pytest.raises(SigningError, match="another key"):
        sign(plain(), keys()[0], make_key("other.example.org")[1])
    with pytest.raises(SigningError):
        sign(plain(), b"no key", keys()[1])
    with pytest.raises(SigningError, match="P-256"):
        sign(plain(), _pem(ec.generate_private_key(ec.SECP384R1())), keys()[1])


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_a_certificate_out_of_date_does_not_verify() -> None:
    with pytest.raises(SigningError, match="valid"):
        verify(signed(), keys()[1], at=datetime.now(UTC) + timedelta(days=9999))


def test_a_made_certificate_may_sign_and_nothing_else() -> None:
    certificate = x509.load_pem_x509_certificate(keys()[1])
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature and not usage.key_cert_sign and not usage.key_agreement
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert certificate.not_valid_before_utc < datetime.now(UTC)


def test_an_independent_program_verifies_it(tmp_path: Path) -> None:
    program = shutil.which("xmlsec1")
    if program is None:
        pytest.skip("needs program: xmlsec1")
    (tmp_path / "cert.pem").write_bytes(keys()[1])
    for name, body, code in (("good.xml", signed(), 0), ("bad.xml", signed().replace(b"Severe", b"Minor"), 1)):
        (tmp_path / name).write_bytes(body)
        command = [program, "--verify", "--pubkey-cert-pem", "cert.pem", "--trusted-pem", "cert.pem", name]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) == (code == 0), done.stderr
