"""How does a worker hear at once that there is work? A bell: fire and forget, in this process and between machines.

No fact lives here. Whoever misses a ring finds the work in the database within a second.
"""

import asyncio
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from typing import Any, Protocol

import structlog
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker as ArqWorker
from arq.worker import func
from redis.exceptions import RedisError
from sqlalchemy import make_url

log = structlog.get_logger()

RING_SECONDS = 0.05
"""A ring that takes longer is dropped: nobody waits for the bell."""
RESTART_SECONDS = 0.5
CONNECT_SECONDS = 5.0
BUCKET_SECONDS = 0.1
NOTIFY = "tocsin_bell"
LANES = range(5)


class Ring(Protocol):
    """Something that can be rung."""

    def ring(self, lane: int) -> None:
        """Say that lane `lane` has work; returns at once and never fails."""
        ...


class LocalBell:
    """The bell within one process."""

    def __init__(self) -> None:
        self.heard = 0
        self._event = asyncio.Event()

    def ring(self, lane: int) -> None:
        """Wake everyone who waits, and everyone who looked before this ring and waits after it."""
        self.heard += 1
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seconds: float, since: int | None = None) -> None:
        """Until the next ring, or one since `heard` stood at `since`, or for `seconds`."""
        if since is not None and since != self.heard:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return


class _Remote(ABC):
    """A bell elsewhere: a task that listens, started again whenever it ends, and rings that are never waited for."""

    def __init__(self, local: LocalBell) -> None:
        self._local = local
        self._tasks: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def listen(self) -> None:
        """Hear rings until something breaks."""

    @abstractmethod
    async def send(self, lane: int) -> None:
        """Ring once."""

    @abstractmethod
    def broken(self) -> tuple[type[Exception], ...]:
        """What is raised when the other side cannot be reached."""

    def ring(self, lane: int) -> None:
        """Ring in the background; late or failing rings are dropped."""
        if len(self._tasks) < 16:
            self.start(self._ring(lane))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` until it ends or the bell closes."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ring(self, lane: int) -> None:
        try:
            async with asyncio.timeout(RING_SECONDS):
                await self.send(lane)
        except self.broken() as error:
            log.debug("bell not rung", bell=type(self).__name__, error=str(error))

    async def keep_listening(self) -> None:
        """The restart loop round `listen`."""
        while True:
            try:
                await self.listen()
            except self.broken() as error:
                log.info("bell silent, polling goes on", bell=type(self).__name__, error=str(error))
            await asyncio.sleep(RESTART_SECONDS)

    async def close(self) -> None:
        """End every task."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class PostgresBell(_Remote):
    """NOTIFY and LISTEN on the hub's own database."""

    def __init__(self, url: str, local: LocalBell) -> None:
        super().__init__(local)
        self._dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._speaker: Any = None

    def broken(self) -> tuple[type[Exception], ...]:
        """The driver is loaded where it is used: a hub on SQLite has no need of it."""
        import asyncpg

        return TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError

    async def listen(self) -> None:
        """One connection that hears."""
        import asyncpg

        connection = await asyncpg.connect(self._dsn, timeout=CONNECT_SECONDS)
        lost = asyncio.Event()
        connection.add_termination_listener(lambda *_: lost.set())
        try:
            await connection.add_listener(NOTIFY, lambda *_: self._local.ring(0))
            self._local.ring(0)
            await lost.wait()
        finally:
            connection.terminate()

    async def send(self, lane: int) -> None:
        """One connection that speaks, opened when first needed and thrown away when it fails."""
        import asyncpg

        speaker, self._speaker = self._speaker, None
        try:
            if speaker is None or speaker.is_closed():
                speaker = await asyncpg.connect(self._dsn, timeout=CONNECT_SECONDS)
            await speaker.execute("SELECT pg_notify($1, $2)", NOTIFY, str(lane))
        except BaseException:
            if speaker is not None:
                speaker.terminate()
            raise
        if self._speaker is not None:
            speaker.terminate()
            return
        self._speaker = speaker

    async def close(self) -> None:
        """End the tasks and the speaker."""
        await super().close()
        if self._speaker is not None:
            self._speaker.terminate()


def dumps(job: dict[str, Any]) -> bytes:
    """An arq job as JSON: arq's own default would be pickle, and whoever writes to Redis would run code here."""
    return json.dumps(job, default=str).encode()


def loads(body: bytes) -> dict[str, Any]:
    """A job from Redis. Raises ValueError unless it is a ring of one lane and nothing else."""
    job = json.loads(body)
    ring = isinstance(job, dict) and job.get("f") == "ring" and job.get("k") == {} and isinstance(job.get("a"), list)
    if not ring or len(job["a"]) != 1 or type(job["a"][0]) is not int or job["a"][0] not in LANES:
        raise ValueError("only a ring of a lane may come through Redis")
    return {"f": "ring", "a": job["a"], "k": {}, "t": None, "et": int(job["et"])}


class RedisBell(_Remote):
    """An arq job between machines: its function rings the local bell of whichever process takes it."""

    def __init__(self, url: str, local: LocalBell) -> None:
        super().__init__(local)
        self._settings = RedisSettings.from_dsn(url)
        self._settings.conn_retries = 0
        self._speaker: ArqRedis | None = None

    def broken(self) -> tuple[type[Exception], ...]:
        """Redis away, full, or starting."""
        return TimeoutError, OSError, RedisError

    async def _pool(self) -> ArqRedis:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await create_pool(self._settings, job_serializer=dumps, job_deserializer=loads)

    async def listen(self) -> None:
        """An arq worker inside this process. It ends by itself when Redis goes away."""
        worker = ArqWorker(
            functions=[func(self._heard, name="ring")],
            redis_pool=await self._pool(),
            handle_signals=False,
            max_tries=1,
            retry_jobs=False,
            keep_result=0,
            allow_abort_jobs=False,
            job_timeout=20,
            poll_delay=0.1,
            health_check_interval=5,
            job_serializer=dumps,
            job_deserializer=loads,
            log_results=False,
        )
        try:
            await worker.async_run()
        finally:
            if worker.main_task is not None:
                worker.main_task.cancel()
            await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
            await worker.pool.aclose(close_connection_pool=True)

    async def _heard(self, ctx: dict[Any, Any], *args: Any, **_: Any) -> None:
        self._local.ring(args[0])

    async def send(self, lane: int) -> None:
        """Enqueue a ring. Rings of one lane within a tenth of a second are one job."""
        if self._speaker is None:
            self._speaker = await self._pool()
        bucket = int(time.time() / BUCKET_SECONDS)
        await self._speaker.enqueue_job("ring", lane, _job_id=f"ring-{lane}-{bucket}", _expires=20)

    async def close(self) -> None:
        """End the tasks and the connection."""
        await super().close()
        if self._speaker is not None:
            await self._speaker.aclose(close_connection_pool=True)


class Bells:
    """Every bell this process has: its own, PostgreSQL's and Redis's where there are any."""

    def __init__(self, *, redis_url: str = "", database_url: str = "") -> None:
        self._local = LocalBell()
        self._remotes: list[_Remote] = []
        if database_url:
            self._remotes.append(PostgresBell(database_url, self._local))
        if redis_url:
            self._remotes.append(RedisBell(redis_url, self._local))

    async def open(self) -> None:
        """Begin to listen. Never fails: a bell that cannot be reached is tried again until it can."""
        for one in self._remotes:
            one.start(one.keep_listening())

    @property
    def heard(self) -> int:
        """How often it rang; give it to `wait` to miss nothing."""
        return self._local.heard

    def ring(self, lane: int) -> None:
        """Ring here and everywhere; returns at once and never fails."""
        self._local.ring(lane)
        for one in self._remotes:
            one.ring(lane)

    def ring_here(self) -> None:
        """Ring in this process only."""
        self._local.ring(0)

    async def wait(self, seconds: float, since: int | None = None) -> None:
        """Until a ring, or for `seconds`."""
        await self._local.wait(seconds, since)

    async def close(self) -> None:
        """Stop listening."""
        for one in self._remotes:
            await one.close()
