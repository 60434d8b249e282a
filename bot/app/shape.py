"""Whether what a platform sent has the types that it is read as: checked once at the door, so nobody behind asks."""

from types import UnionType
from typing import Any

Shape = type | UnionType | dict[str, Any] | list[Any]
"""One or several types, an object's known keys, or a list of what it holds. Keys may be missing, and values null."""

ANY = "*"
"""Every key of an object."""


def fits(value: Any, shape: Shape) -> bool:
    """Whether the value has the shape. Keys that the shape doesn't know may hold anything: nobody reads them."""
    if value is None:
        return True
    # Every press comes by here; matching patterns and generators took twice as long.
    if isinstance(shape, dict):
        return isinstance(value, dict) and _fits_object(value, shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(one is not None and fits(one, shape[0]) for one in value)
    return isinstance(value, shape) and (not isinstance(value, str) or _is_text(value))


def _fits_object(value: dict[str, Any], shape: dict[str, Any]) -> bool:
    every = shape.get(ANY)
    for key, one in value.items():
        wanted = shape.get(key) if every is None else every
        if wanted is None or one is None:
            continue
        if wanted is str:
            if not isinstance(one, str) or not _is_text(one):
                return False
        elif not fits(one, wanted):
            return False
    return True


def _is_text(value: str) -> bool:
    """Whether it can be written down: JSON also holds halves of characters."""
    return value.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in value)
