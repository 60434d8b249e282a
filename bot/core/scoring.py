"""Points, percent, and streaks of answered days."""

from typing import NamedTuple

RIGHT_POINTS = 10
RUN_BONUS_MAX = 5

FREEZES_MAX = 2
ROUNDS_PER_FREEZE = 10


class Standing(NamedTuple):
    """What a member has in one channel, advanced by each answer to a daily round.

    `last` is the number of the newest round answered, 0 before the first. `streak` counts consecutive posted
    rounds answered, with freezes bridging gaps; `run` counts right answers on directly consecutive rounds.
    """

    answered: int = 0
    right: int = 0
    points: int = 0
    streak: int = 0
    best_streak: int = 0
    freezes: int = 0
    run: int = 0
    last: int = 0


def points_for(right: bool, run_before: int) -> int:
    """Ten for a right answer, and one more for each directly preceding round that was right, up to five more."""
    return RIGHT_POINTS + min(run_before, RUN_BONUS_MAX) if right else 0


def missed(standing: Standing, number: int) -> Standing:
    """The standing after the rounds between the last answered one and round `number` passed by unanswered.

    Day by day: a missed round uses up a freeze, or ends the streak once none is left.
    """
    gap = number - standing.last - 1
    if standing.last == 0 or gap <= 0:
        return standing
    if gap <= standing.freezes:
        return standing._replace(freezes=standing.freezes - gap, run=0)
    return standing._replace(freezes=0, streak=0, run=0)


def answered(standing: Standing, number: int, *, right: bool) -> tuple[Standing, int]:
    """The standing after answering round `number`, and the points it brought.

    Each round takes one answer. `number` is beyond `standing.last`, but for two rounds that are open at once after
    the schedule was changed: answering the older one last must not make the newer one look missed.
    """
    before = missed(standing, number)
    points = points_for(right, before.run)
    count = before.answered + 1
    earned = 1 if count % ROUNDS_PER_FREEZE == 0 else 0
    streak = before.streak + 1
    after = Standing(
        answered=count,
        right=before.right + right,
        points=before.points + points,
        streak=streak,
        best_streak=max(before.best_streak, streak),
        freezes=min(FREEZES_MAX, before.freezes + earned),
        run=before.run + 1 if right else 0,
        last=max(before.last, number),
    )
    return after, points


def percent(part: int, whole: int) -> int:
    """`part` of `whole` in whole percent, halves up; 0 of 0 is 0."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def passes(right: int, count: int, pass_percent: int) -> bool:
    """Whether `right` of `count` reaches the cut score, compared without rounding."""
    return count > 0 and 100 * right >= pass_percent * count
