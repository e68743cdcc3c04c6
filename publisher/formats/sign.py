"""Is a CAP file really ours? XML-DSig enveloped in the alert: ECDSA P-256, SHA-256, exclusive canonical XML.

Anything wrong raises `SigningError`: an alert that cannot be signed must not go out. Nothing but the bytes that were
signed may be trusted, so `verify` gives back those and not the file.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from publisher.formats.cap_write import DECLARATION
from publisher.formats.structure import CAP12, DSIG, Element

CERTIFICATE_LIFE = timedelta(days=5 * 365)
_BACKDATED = timedelta(days=1)
"""Clocks of receivers may be behind ours when a fresh certificate is first used."""

_EXCLUSIVE = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
_FAILURES = (SignXMLException, etree.LxmlError, ValueError, TypeError, LookupError, AssertionError)
"""What signxml, lxml and cryptography raise for keys and documents that will not do."""


class SigningError(Exception):
    """The file could not be signed, or is not what the certificate's owner signed."""


def make_key(common_name: str) -> tuple[bytes, bytes]:
    """A fresh P-256 private key and a self-signed certificate that allows digital signatures only; both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])
    start = datetime.now(UTC) - _BACKDATED
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + CERTIFICATE_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signatures_only(), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


def _signatures_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def sign(xml: bytes, key_pem: bytes, cert_pem: bytes) -> bytes:
    """The CAP file with a signature as the alert's last child and nothing else changed. Raises SigningError."""
    try:
        key, certificate = _pair(key_pem, cert_pem)
        root = _parsed(xml)
        if root.find(f"{{{DSIG}}}Signature") is not None:
            raise ValueError("it is signed already")
        signer = XMLSigner(
            SignatureConstructionMethod.enveloped, SignatureMethod.ECDSA_SHA256, DigestAlgorithm.SHA256, _EXCLUSIVE
        )
        signed = signer.sign(root, key=key, cert=[certificate])
    except _FAILURES as error:
        raise SigningError(f"not signed: {error}") from error
    return DECLARATION + etree.tostring(signed, encoding="unicode").encode()


def verify(xml: bytes, cert_pem: bytes, *, at: datetime | None = None) -> bytes:
    """The canonical bytes that the owner of this very certificate signed, comments and signature left out.

    `at` judges the certificate's validity at that instant instead of now. Raises SigningError.
    """
    try:
        root = _parsed(xml)
        _covers_all(root)
        result = XMLVerifier().verify(root, x509_cert=_certificate(cert_pem), expect_config=_expected(at))
    except _FAILURES as error:
        raise SigningError(f"not verified: {error}") from error
    if not isinstance(result, VerifyResult):
        raise SigningError("not verified: the signature covers several parts")
    return result.signed_data


def _covers_all(root: Element) -> None:
    """The one signature must be the root's own child and speak of the whole document, or parts could be swapped."""
    signatures = list(root.iter(f"{{{DSIG}}}Signature"))
    if len(signatures) != 1 or signatures[0].getparent() is not root:
        raise ValueError("there must be exactly one signature, as a child of the alert")
    uris = [one.get("URI") for one in signatures[0].iter(f"{{{DSIG}}}Reference")]
    if uris != [""]:
        raise ValueError("the signature must cover the whole alert")
    if signatures[0].find(f"{{{DSIG}}}Object") is not None:
        raise ValueError("the signature carries an object")


def _expected(at: datetime | None) -> SignatureConfiguration:
    return SignatureConfiguration(
        require_x509=True,
        location="./",
        expect_references=1,
        signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        verification_time=at,
    )


def _parsed(xml: bytes) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(xml, parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("a DOCTYPE is not allowed")
    if root.tag != f"{{{CAP12}}}alert":
        raise ValueError(f"a CAP 1.2 alert is wanted, not {root.tag}")
    return root


@lru_cache(maxsize=8)
def _certificate(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)


@lru_cache(maxsize=8)
def _pair(key_pem: bytes, cert_pem: bytes) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """Key and certificate, read once: reading costs more than signing. Raises ValueError if they are not a pair."""
    key, certificate = serialization.load_pem_private_key(key_pem, None), _certificate(cert_pem)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("a P-256 key is wanted")
    if certificate.public_key() != key.public_key():
        raise ValueError("the certificate belongs to another key")
    return key, certificate
