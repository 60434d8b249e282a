"""Attempts: one member's sitting of a form, as practice, review or a timed mock exam."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.form import Place
from bot.core.item import LETTERS, Option
from bot.core.refs import AttemptId, MemberId, RevisionId, WorkspaceId


class Sitting(StrEnum):
    """What an attempt is."""

    PRACTICE = "practice"
    REVIEW = "review"
    EXAM = "exam"


class Progress(StrEnum):
    """Where an attempt is. A stopped one was replaced or given up; what was answered in it still counts."""

    OPEN = "open"
    SUBMITTED = "submitted"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """`answers` maps a place (from 0) to the option id chosen there; `flags` are places to come back to.

    Only exams have a `deadline`. `revisions` are the keys of the items, place by place. `at` is the place shown.
    """

    id: AttemptId
    workspace: WorkspaceId
    member: MemberId
    sitting: Sitting
    pack: str
    label: str
    places: tuple[Place, ...]
    revisions: tuple[RevisionId, ...]
    started: datetime
    deadline: datetime | None = None
    ended: datetime | None = None
    progress: Progress = Progress.OPEN
    at: int = 0
    answers: dict[int, str] = field(default_factory=dict)
    flags: frozenset[int] = frozenset()

    @property
    def length(self) -> int:
        """How many items the form has."""
        return len(self.places)

    @property
    def right(self) -> int:
        """How many answers are right."""
        return sum(self.places[place].item.key == option for place, option in self.answers.items())

    @property
    def unanswered(self) -> tuple[int, ...]:
        """The places without an answer, in order."""
        return tuple(place for place in range(self.length) if place not in self.answers)

    @property
    def misses(self) -> tuple[int, ...]:
        """The places not answered right, in order; in practice only those that were answered at all."""
        wrong = [p for p, option in self.answers.items() if self.places[p].item.key != option]
        gaps = self.unanswered if self.sitting is Sitting.EXAM else ()
        return tuple(sorted([*wrong, *gaps]))

    def is_over(self, now: datetime) -> bool:
        """Whether time is up, also when nobody has carried that out yet. No action can beat the deadline."""
        return self.progress is not Progress.OPEN or (self.deadline is not None and now >= self.deadline)

    def option_at(self, place: int, letter: str) -> Option | None:
        """The option shown under `letter` at `place`, None if there is no such place or letter."""
        if not 0 <= place < self.length:
            return None
        order = self.places[place].order
        index = LETTERS.find(letter)
        if len(letter) != 1 or not 0 <= index < len(order):
            return None
        return self.places[place].item.option(order[index])

    def letter(self, place: int, option_id: str) -> str:
        """The letter that the option is shown under at `place`."""
        return LETTERS[self.places[place].order.index(option_id)]

    def by_domain(self) -> dict[str, tuple[int, int]]:
        """Right answers and number of items per domain; in practice only of those answered."""
        counted = range(self.length) if self.sitting is Sitting.EXAM else self.answers.keys()
        total: Counter[str] = Counter(self.places[place].item.domain for place in counted)
        right: Counter[str] = Counter(
            self.places[place].item.domain
            for place, option in self.answers.items()
            if self.places[place].item.key == option
        )
        return {domain: (right[domain], total[domain]) for domain in total}
