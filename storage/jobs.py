"""Calls that the storage thread runs by the batch, and how their callers on the event loops hear of it."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from storage.tx import SqlTx

UNDER_WAY = 0.0005
"""Seconds after which the disk is busy with a commit, and the interpreter is free for something else."""


class Job(NamedTuple):
    """One call: the function, whether it writes and is brief, what may be done while it is saved, and where the
    outcome goes.
    """

    fn: Callable[[SqlTx], Any]
    writes: bool
    brief: bool
    meanwhile: Callable[[Any], object] | None
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class Failed:
    """An outcome: what was raised."""

    error: BaseException


def begin_meanwhile(batch: list[Job], outcomes: list[Any]) -> None:
    """Let the loops do what can be done while the disk is busy, which for a hundred answers is as long as drawing them.

    For a call that is alone it isn't worth waking the loop once more.
    """
    asked: dict[asyncio.AbstractEventLoop, list[tuple[Job, Any]]] = {}
    for job, outcome in zip(batch, outcomes, strict=True):
        if job.meanwhile is not None and not isinstance(outcome, Failed):
            asked.setdefault(job.loop, []).append((job, outcome))
    for loop, pairs in asked.items():
        with contextlib.suppress(RuntimeError):  # as in resume
            # Not at once: until COMMIT begins this thread needs the interpreter, and would wait for the loop.
            loop.call_soon_threadsafe(loop.call_later, UNDER_WAY, _do_meanwhile, pairs)


def _do_meanwhile(pairs: list[tuple[Job, Any]]) -> None:
    for job, outcome in pairs:
        if job.meanwhile is not None and not job.future.done():
            # Whoever asked for it does it again in the end, and then hears of it.
            with contextlib.suppress(Exception):
                job.meanwhile(outcome)


def answer(batch: list[Job], outcomes: list[Any]) -> None:
    """Resume all callers of a batch with what each call came to."""
    settled: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for job, outcome in zip(batch, outcomes, strict=True):
        settled.setdefault(job.loop, []).append((job.future, outcome))
    for loop, pairs in settled.items():
        resume(loop, pairs)


def resume(loop: asyncio.AbstractEventLoop, pairs: list[tuple[asyncio.Future[Any], Any]]) -> None:
    """Settle these on their loop, from another thread. A loop that was closed meanwhile has nobody left to tell."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(settle, pairs)


def settle(pairs: list[tuple[asyncio.Future[Any], Any]]) -> None:
    """Give each future its outcome; on its loop."""
    for future, outcome in pairs:
        if future.done():
            continue
        if not isinstance(outcome, Failed):
            future.set_result(outcome)
        elif isinstance(outcome.error, StopIteration):
            # A future refuses this one, and the caller would wait for ever.
            future.set_exception(RuntimeError("StopIteration in a storage call"))
        else:
            future.set_exception(outcome.error)
