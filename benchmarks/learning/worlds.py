"""Other learners than the usual ones, to see what the result hangs on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from benchmarks.learning import course, memory

WORLDS: Mapping[str, Mapping[str, object]] = {
    "forget slowly": {"DECAY": 0.15},
    "forget fast": {"DECAY": 0.35},
    "know little before": {"KNOWN": (0.0, 0.2)},
    "know much before": {"KNOWN": (0.5, 0.85)},
    "seldom heed explanations": {"HEED": (0.2, 0.6)},
    "have no spacing effect": {"SPACING": 0.0},
    "take 12 items a day": {"PRIVATE": 11},
}
"""What differs from the constants in `memory` and `course`."""


@contextmanager
def world(name: str) -> Iterator[None]:
    """These learners, for the while."""
    changes = WORLDS[name]
    homes = {key: course if hasattr(course, key) else memory for key in changes}
    before = {key: getattr(homes[key], key) for key in changes}
    try:
        for key, value in changes.items():
            setattr(homes[key], key, value)
        yield
    finally:
        for key, value in before.items():
            setattr(homes[key], key, value)
