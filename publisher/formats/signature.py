"""Is the XML signature of a shape that can be abused? Nobody verifies it here, and it never refuses an alert."""

from collections.abc import Iterator

from publisher.formats.codes import finding
from publisher.formats.structure import DSIG, Element
from publisher.model.finding import Finding

_NS = f"{{{DSIG}}}"
_WEAK = ("sha1", "md5", "hmac", "#dsa-")
_ENVELOPED = f"{DSIG}enveloped-signature"
_CANONICAL = (
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2006/12/xml-c14n11",
)
_TRANSFORMS = frozenset({_ENVELOPED, *_CANONICAL, *(f"{name}#WithComments" for name in _CANONICAL)})


def check(root: Element) -> tuple[bool, tuple[Finding, ...]]:
    """Whether a signature is there, and what in its shape invites wrapping or forging (XML-DSig best practices §2)."""
    signatures = list(root.iter(f"{_NS}Signature"))
    if not signatures:
        return False, ()
    problems = [*_place(root, signatures), *_references(signatures[0]), *_methods(signatures[0])]
    found = (finding("SIGNATURE_SUSPICIOUS", "/alert/Signature", problem) for problem in problems)
    return True, tuple(found)


def _place(root: Element, signatures: list[Element]) -> Iterator[str]:
    if len(signatures) > 1:
        yield f"There are {len(signatures)} signatures. One is verified, so send one."
    if signatures[0].getparent() is not root:
        yield "The signature is not a child of the alert. Put it last inside the alert."
    if root.find(f".//{_NS}Object") is not None:
        yield "The signature carries an Object, where another alert can hide. Leave it out."


def _references(signature: Element) -> Iterator[str]:
    references = signature.findall(f"{_NS}SignedInfo/{_NS}Reference")
    if len(references) != 1:
        yield f"The signature covers {len(references)} parts. It must cover the whole alert, as one reference."
    for reference in references:
        if reference.get("URI") != "":
            yield f'The signature covers the part "{reference.get("URI")}" and not the whole alert (URI="").'
        used = [element.get("Algorithm", "") for element in reference.iter(f"{_NS}Transform")]
        if _ENVELOPED not in used or not _TRANSFORMS.issuperset(used):
            yield "The signature's transforms are not enveloped-signature with canonical XML."


def _methods(signature: Element) -> Iterator[str]:
    for element in signature.iter(f"{_NS}SignatureMethod", f"{_NS}DigestMethod"):
        method = element.get("Algorithm", "")
        if any(weak in method.lower() for weak in _WEAK):
            yield f"The method {method.rpartition('#')[2]} is weak. Use RSA or ECDSA with SHA-256."
