"""Points at which a test lets the process die, to show that nothing is lost wherever that happens."""

import os
import signal
from functools import cache
from itertools import count
from typing import Literal

VARIABLE = "TRAPWISE_FAULT"
"""A point, or `point:n` for the n-th time that it is reached."""

Point = Literal[
    "after_round_committed",
    "before_post",
    "after_post",
    "after_response_committed",
    "during_close",
    "before_reveal",
    "after_reveal",
    "during_exam_submit",
    "during_migration",
    "during_backup",
    "during_move",
]


def reached(point: Point) -> None:
    """Die here, as by a power cut, if the environment names this point; otherwise nothing happens."""
    name, times = _wanted()
    if name == point and next(times) == 0:
        os.kill(os.getpid(), signal.SIGKILL)


@cache
def _wanted() -> tuple[str, "count[int]"]:
    """The point and a count down to its n-th time; read once, since `reached` lies on the way of every answer."""
    name, _, nth = os.environ.get(VARIABLE, "").partition(":")
    return name, count(int(nth or 1) - 1, -1)
