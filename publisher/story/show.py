"""How is a story read at a terminal? Tables in the order of the alert's life."""

from collections import Counter

from rich.console import Console
from rich.table import Table

from publisher.story.result import Story


def show(out: Console, name: str, told: Story) -> None:
    """The whole story."""
    out.print(f"{name}: {told.alert.outcome}", markup=False)
    for one in told.alert.findings:
        mark = "refuses" if one.refuses else "notes"
        out.print(f"  {mark} {one.layer}/{one.code} {one.path}: {one.message}", markup=False)
    if told.refused:
        out.print("refused:", style="bold")
        for reason in told.refused:
            out.print(f"  {reason}", markup=False)
    _decision(out, told)
    _release(out, told)
    _deliveries(out, told)
    _artefacts(out, told)
    out.print(f"{told.seconds:.2f} s")


def _decision(out: Console, told: Story) -> None:
    made = told.decision
    if made is None:
        return
    out.print(
        f"decided: {made.act} {made.hazard} {made.level} for {len(made.areas)} area(s), mode {made.mode}", markup=False
    )
    table = Table("wave", "flow", "signatures", "channels", "audience", title="waves")
    for wave in made.waves:
        signed = "; ".join(f"{step.id}: {', '.join(step.signed_by) or 'nobody yet'}" for step in wave.steps)
        told_to = ", ".join(f"{one.medium} {one.endpoints}" for one in wave.audience)
        table.add_row(
            wave.id,
            wave.flow,
            signed or f"standing: {wave.standing or 'none needed'}",
            " ".join(wave.channels),
            told_to,
        )
    out.print(table)
    for line in made.why:
        if line["held"]:
            out.print(f"  why: {line['question']}: {line['rule']} ({line['where']}): {line['says']}", markup=False)
    for problem in made.problems:
        out.print(f"  note: {problem['where']}: {problem['message']}", markup=False)


def _release(out: Console, told: Story) -> None:
    if told.release is not None:
        out.print(
            f"released: {told.release.public_id} at {told.release.at}, digest {told.release.digest[:16]}", markup=False
        )


def _deliveries(out: Console, told: Story) -> None:
    if not told.deliveries:
        return
    table = Table("channel", "state", "count", "attempts", title="deliveries")
    count = Counter((one.channel, one.state + (" uncertain" if one.uncertain else "")) for one in told.deliveries)
    tries: Counter[str] = Counter()
    for one in told.deliveries:
        tries[one.channel] += one.attempts
    for (channel, state), number in sorted(count.items()):
        table.add_row(channel, state, str(number), str(tries[channel]))
    out.print(table)


def _artefacts(out: Console, told: Story) -> None:
    for name, one in told.artefacts.items():
        out.print(f"  {one.file or name}  {one.media_type}  {one.bytes} bytes", markup=False)


def show_line(out: Console, number: int, of: int, told: Story) -> None:
    """One line of a replay, as it ends: a person can follow the series."""
    what = "refused: " + "; ".join(told.refused) if told.refused else ""
    if told.decision is not None and not told.refused:
        states = Counter(one.state for one in told.deliveries)
        counts = ", ".join(f"{state} {n}" for state, n in sorted(states.items()))
        what = f"{told.decision.act} {told.decision.hazard} {told.decision.level}: {counts or 'nobody to tell'}"
    out.print(f"{number}/{of}  {told.seconds:5.2f} s  {told.alert.outcome}  {what}", markup=False)
