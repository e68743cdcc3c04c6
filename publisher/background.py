"""What does a hub do while nobody clicks? The tasks of a process that works, and the chores that time brings."""

from collections.abc import Coroutine, Iterator
from typing import Any

from publisher.intake.accept import put
from publisher.settings import Settings
from publisher.work import (
    activation,
    answers,
    asking,
    attesting,
    clocks,
    drills,
    endings,
    heartbeat,
    icecast,
    measures,
    notices,
    patrol,
    reports,
    screens,
    sealing,
    seats,
    standby,
    stations,
    subscriptions,
    unopened,
)
from publisher.work.breakglass import Nightly
from publisher.work.context import Hub
from publisher.work.deliver import Worker
from publisher.work.errands import Errands
from publisher.work.listen import Listeners
from publisher.work.speech import Speaker
from publisher.work.watch import Chore, Watch
from publisher.work.websub import Publisher

Task = tuple[str, Coroutine[Any, Any, None]]


def tasks(hub: Hub, settings: Settings, worker: Worker, watch: Watch) -> Iterator[Task]:
    """Everything that runs until the process ends, each by its name."""
    yield "worker", worker.run()
    yield "watch", watch.run()
    yield "endings", endings.run(hub)
    folder = settings.breakglass or settings.data / "breakglass"
    yield "breakglass", Nightly(hub.db, hub.packs, hub.templates, folder).run()
    yield "reports", reports.run(hub)
    yield "heartbeat", heartbeat.run(hub)
    yield "sealing", sealing.run(hub, settings.heads)
    yield "websub", Publisher(hub).run()
    yield "subscriptions", subscriptions.run(hub)
    yield "errands", Errands(hub).run()
    yield "listeners", Listeners(hub).run()
    yield "screens", screens.watch(hub)
    yield "patrol", patrol.run(hub)
    yield "stations", stations.watch(hub)
    yield "speech", Speaker(hub).run()
    for number, url in enumerate(settings.icecast.split()):
        yield f"icecast-{number}", icecast.Feeder(hub, icecast.mount_of(url)).run()


def watch_of(hub: Hub) -> Watch:
    """Everything that time brings in a hub."""
    return Watch(
        hub.db,
        on_expired=lambda tx, one: endings.lapse(hub, tx, one),
        on_deadline=lambda tx, one: asking.overdue(hub, tx, one),
        chores=chores(hub),
    )


def chores(hub: Hub) -> tuple[Chore, ...]:
    """What else time brings, beside the ends of texts and missed deadlines."""
    return (
        Chore(notices.open_ones, lambda tx, one: notices.tend(hub, tx, one)),
        Chore(answers.due, answers.judge),
        Chore(drills.running_ones, lambda tx, one: drills.tend(hub, tx, one, put)),
        Chore(measures.due, lambda tx, one: measures.make(hub, tx, one)),
        Chore(measures.answered, measures.close),
        Chore(measures.late, measures.chase),
        Chore(activation.due, lambda tx, one: activation.in_force(hub, tx, one)),
        Chore(asking.answered, asking.answer),
        Chore(asking.settled, asking.settle),
        Chore(attesting.missing, attesting.ring_missing),
        Chore(attesting.moot, attesting.forget),
        Chore(standby.unreviewed, standby.ring_unreviewed),
        Chore(clocks.ending, lambda tx, one: clocks.nudge(hub, tx, one)),
        Chore(clocks.unreviewed, lambda tx, one: clocks.ask_review(hub, tx, one)),
        Chore(clocks.ended, clocks.over),
        Chore(unopened.opened, unopened.seen),
        Chore(seats.overdue, seats.ring_overdue),
    )
