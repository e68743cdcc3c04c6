"""What every test shares: the private PostgreSQL, property-test settings, and how strict CI is."""

import gc
import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from publisher import logs
from tests.kit.memory import prefer_memory
from tests.kit.postgres import PostgresCluster, find_binaries
from tests.kit.sqlite import Blank

STRICT_VARIABLE = "TOCSIN_CI_STRICT"

# Tests share a small machine, so an example's time says nothing about the code.
# What decides whether a change lands decides the same each time; elsewhere every run tries something new.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get(STRICT_VARIABLE)),
)
settings.load_profile("house")

prefer_memory()
# As the hub itself does: the library's own way of writing an exception takes half a minute of this machine.
logs.configure("info")

WANTING = "needs program"


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """A running private PostgreSQL server, one for the whole test run."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(f"{WANTING}: postgres")
    cluster = PostgresCluster.create(binaries)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture
async def postgres_url(postgres_cluster: PostgresCluster) -> AsyncIterator[str]:
    """The SQLAlchemy address (`postgresql+asyncpg://…`) of an empty database made for this test alone."""
    async with postgres_cluster.database() as url:
        yield url


@pytest.fixture(scope="session")
def blank() -> Iterator[Blank]:
    """A SQLite file with a hub's tables, to copy."""
    made = Blank()
    yield made
    made.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A fresh database of each kind, a hub's tables in it: the same test runs on both."""
    if request.param == "sqlite":
        blank: Blank = request.getfixturevalue("blank")
        yield await blank.copy(tmp_path)
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    async with cluster.database(tables=True) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A database of each kind that no hub has opened yet."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite'}"
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    async with cluster.database() as url:
        yield url


def _fail_if_wanting(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Under strict CI a test skipped for want of a program is a failure: it proved nothing."""
    if not (os.environ.get(STRICT_VARIABLE) and report.skipped):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if reason.removeprefix("Skipped: ").startswith(WANTING):
        report.outcome = "failed"
        report.longrepr = f"{reason} ({STRICT_VARIABLE} is set)"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    # A traceback is drawn with ast.parse, which CPython 3.11 cannot bear to be entered twice: a coroutine that is
    # collected meanwhile is reported with a traceback of its own, and the whole run would end there.
    gc.disable()
    try:
        report = yield
    finally:
        gc.enable()
    _fail_if_wanting(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_if_wanting(report)
    return report
