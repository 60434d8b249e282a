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
    match shape:
        case list():
            return isinstance(value, list) and all(one is not None and fits(one, shape[0]) for one in value)
        case dict() if ANY in shape:
            return isinstance(value, dict) and all(fits(one, shape[ANY]) for one in value.values())
        case dict():
            return isinstance(value, dict) and all(fits(value[key], shape[key]) for key in value if key in shape)
        case _:
            return isinstance(value, shape) and (not isinstance(value, str) or _is_text(value))


def _is_text(value: str) -> bool:
    """Whether it can be written down: JSON also holds halves of characters."""
    return value.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in value)
