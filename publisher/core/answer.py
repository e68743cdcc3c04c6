"""What is one point of what a pack says? A question, the answer and the rule behind it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One point: the question, what the pack answers, by which rule, written where.

    `depends` names the entries that shape the answer, as `flows.yaml:grave`; a trailing `*` stands for all of a file.
    """

    question: str
    value: str
    rule: str = ""
    where: str = ""
    depends: tuple[str, ...] = ()
