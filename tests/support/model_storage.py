"""The daily rounds of one workspace in plain Python: what storage has to agree with, told as simply as possible.

Nothing here shares code with storage or with the ledger: points, streaks, boards and tallies are counted from the
list of answers each time they are asked for.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass
class ModelRound:
    """`number` is None for an extra round."""

    channel: str
    day: date
    number: int | None
    key: str
    open: bool = True


@dataclass
class Model:
    """Rounds and answers by name. An answer is (who, round, option); a forgotten member's stay without a name."""

    rounds: dict[int, ModelRound] = field(default_factory=dict)
    answers: list[tuple[str | None, int, str]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)

    def settled(self, channel: str, day: date) -> bool:
        return any(r.channel == channel and r.day == day and r.number is not None for r in self.rounds.values())

    def next_number(self, channel: str) -> int:
        return 1 + max((r.number or 0 for r in self.rounds.values() if r.channel == channel), default=0)

    def answered(self, who: str, round_id: int) -> str | None:
        return next((option for name, key, option in self.answers if (name, key) == (who, round_id)), None)

    def forget(self, who: str) -> int:
        gone = sum(name == who for name, _, _ in self.answers)
        self.answers = [(None if name == who else name, key, option) for name, key, option in self.answers]
        self.hidden.discard(who)
        return gone

    def tally(self, round_id: int) -> Counter[str]:
        return Counter(option for _, key, option in self.answers if key == round_id)

    def knowledge(self, who: str) -> dict[str, tuple[int, int]]:
        """Answered and right, by item's key as the domain's stand-in."""
        found: dict[str, tuple[int, int]] = {}
        for name, round_id, option in self.answers:
            if name == who:
                key = self.rounds[round_id].key
                answered, right = found.get(key, (0, 0))
                found[key] = answered + 1, right + (option == key)
        return found

    def course(self, who: str, channel: str) -> list[tuple[ModelRound, bool, int, int]]:
        """Day by day for one member: the round, whether right, the points it brought, and the streak after it."""
        given = {
            key: option
            for name, key, option in self.answers
            if name == who and self.rounds[key].channel == channel and self.rounds[key].number is not None
        }
        course: list[tuple[ModelRound, bool, int, int]] = []
        run = streak = freezes = answered = 0
        for key, round_ in sorted(self.rounds.items(), key=lambda pair: pair[1].number or 0):
            if round_.channel != channel or round_.number is None:
                continue
            if key not in given:
                run = 0
                if freezes and answered:
                    freezes -= 1
                else:
                    streak, freezes = 0, 0
                continue
            right = given[key] == round_.key
            points = 10 + min(run, 5) if right else 0
            run = run + 1 if right else 0
            streak, answered = streak + 1, answered + 1
            if answered % 10 == 0:
                freezes = min(2, freezes + 1)
            course.append((round_, right, points, streak))
        return course

    def board(self, names: list[str], channels: list[str], since: date | None) -> dict[str, tuple[int, int, int]]:
        """Points, right and answered of everybody with an answer in the window, hidden ones included."""
        found: dict[str, tuple[int, int, int]] = {}
        for who in names:
            days = [
                (right, points)
                for channel in channels
                for round_, right, points, _ in self.course(who, channel)
                if since is None or since <= round_.day < since + timedelta(days=7)
            ]
            if days:
                found[who] = sum(points for _, points in days), sum(right for right, _ in days), len(days)
        return found
