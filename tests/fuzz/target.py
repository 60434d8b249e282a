"""What is fuzzed: a name, seeds, a way to change them, and a check that raises when something is wrong."""

import logging
import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from tests.fuzz.mutation import Mutate, mutated_bytes

Check = Callable[[bytes], None]


class Wrong(AssertionError):
    """An input was met in a way that no input may be met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A target that is ready: what to feed, and where to. `check` raises on a finding."""

    check: Check
    seeds: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing that reads what others wrote. `share` is its part of all inputs, in thousandths."""

    name: str
    share: int
    opened: Callable[[], AbstractContextManager[Bench]]
    mutate: Mutate = mutated_bytes


def plain(name: str, share: int, check: Check, *seeds: str | bytes) -> Target:
    """A target that keeps nothing between its inputs."""
    bench = Bench(check=check, seeds=tuple(seed.encode() if isinstance(seed, str) else seed for seed in seeds))

    @contextmanager
    def opened() -> Iterator[Bench]:
        yield bench

    return Target(name=name, share=share, opened=opened)


class Complaints(logging.Handler):
    """Collects what is logged as an error by some loggers: exceptions that are caught at a boundary end there."""

    def __init__(self, names: tuple[str, ...], *, others: tuple[str, ...] = ()) -> None:
        """Of `others` only what passed through code of ours counts."""
        super().__init__(logging.ERROR)
        self._names, self._others = names, others
        self._found: list[str] = []
        self._format = logging.Formatter("%(name)s: %(message)s")

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record as text."""
        if record.name.startswith(self._names) or (record.name.startswith(self._others) and _is_ours(record)):
            self._found.append(self._format.format(record))

    @contextmanager
    def listening(self) -> Iterator["Complaints"]:
        """Hear every logger for a while."""
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield self
        finally:
            root.removeHandler(self)

    def settle(self) -> None:
        """Raise Wrong with what was logged since the last time, if anything."""
        found, self._found = self._found, []
        if found:
            raise Wrong("\n".join(found))


def _is_ours(record: logging.LogRecord) -> bool:
    trace = record.exc_info[2] if record.exc_info else None
    return any(f"{os.sep}bot{os.sep}" in frame.filename for frame in traceback.extract_tb(trace))
