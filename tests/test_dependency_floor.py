"""Is every dependency at least as new as its last known security fix?

The table is refreshed by hand at each release from the advisories of each package: an audit tool
that cannot look a package up reports no vulnerability, which is worse than no audit.
"""

import re
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"

# Package, first good version, what was wrong before it.
FLOORS = [
    (
        "aiohttp",
        "3.14.3",
        "GHSA-cq5v-8q36-5273, GHSA-mfx4-hv73-q22v, CVE-2026-34525, CVE-2026-22815",
    ),
    ("cryptography", "50.0.0", "GHSA-g6cj-pr64-35w5"),
    ("feedgen", "0.9.0", "CVE-2020-5227: XML denial of service"),
    ("jinja2", "3.1.6", "CVE-2025-27516, CVE-2024-56326, CVE-2024-56201: out of the sandbox"),
    ("lxml", "6.1.0", "CVE-2026-41066: external entities"),
    ("pillow", "12.3.0", "PYSEC-2026-2253 to 2257, PYSEC-2026-3451 to 3453"),
    ("redis", "4.5.5", "CVE-2023-28858, CVE-2023-28859: replies mixed up after a cancellation"),
    ("signxml", "4.0.4", "CVE-2025-48994, CVE-2025-48995: HMAC confusion and timing"),
    ("xmltodict", "1.0", "CVE-2025-9375; entities are off since 0.11"),
]
# Package, first version that is known not to work with the others, why.
CEILINGS = [
    ("aiohttp", "4", "twilio's asynchronous client is written for 3"),
    ("redis", "6", "arq 0.28 holds it"),
]
# Exactly these were read and measured; another version needs reading again.
EXACT = [("capvalidator", "0.1.0.dev4"), ("feedgen", "1.0.0"), ("wechatpy", "1.8.18")]


def _locked(package: str) -> set[Version]:
    """Every version the lock may install; more than one where Python versions differ."""
    found = re.findall(rf"^{re.escape(package)}(?:\[[^]]*\])?==(\S+)", LOCK.read_text(), re.M)
    return {Version(each) for each in found}


@pytest.mark.parametrize(("package", "floor", "reason"), FLOORS)
def test_no_package_is_older_than_its_last_known_fix(package: str, floor: str, reason: str) -> None:
    assert Version(version(package)) >= Version(floor), reason


@pytest.mark.parametrize(("package", "floor", "reason"), FLOORS)
def test_the_lock_cannot_install_an_older_one(package: str, floor: str, reason: str) -> None:
    assert _locked(package), f"{package} is not in {LOCK.name}"
    assert min(_locked(package)) >= Version(floor), reason


@pytest.mark.parametrize(("package", "ceiling", "reason"), CEILINGS)
def test_no_package_is_newer_than_the_others_bear(package: str, ceiling: str, reason: str) -> None:
    assert max(Version(version(package)), *_locked(package)) < Version(ceiling), reason


@pytest.mark.parametrize(("package", "exact"), EXACT)
def test_a_package_held_at_one_version_is_at_that_version(package: str, exact: str) -> None:
    assert {Version(version(package)), *_locked(package)} == {Version(exact)}
