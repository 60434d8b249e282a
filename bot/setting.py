"""One setting: how its value is read from text, and text that is a secret.

What reads a value stands in the field's metadata. It raises ValueError with what is wrong, to be read after the
setting's name.
"""

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

Reader = Callable[[str], object]

_TRUE, _FALSE = ("true", "yes", "on", "1", "y", "t"), ("false", "no", "off", "0", "n", "f")


@dataclass(frozen=True, slots=True)
class Secret:
    """Text that doesn't show when it is printed or logged by mistake."""

    value: str = field(repr=False)


def read_by(reader: Reader) -> Mapping[str, Reader]:
    """The metadata of a field whose value `reader` makes of the text. A field without any is the text itself."""
    return {"reader": reader}


SECRET = read_by(Secret)
PATH = read_by(Path)


def whole(*, least: int, most: int | None = None) -> Mapping[str, Reader]:
    """A whole number within limits, both included."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ValueError("should be a whole number") from None
        if number < least:
            raise ValueError(f"should be greater than or equal to {least}")
        if most is not None and number > most:
            raise ValueError(f"should be less than or equal to {most}")
        return number

    return read_by(read)


def one_of(choice: type[StrEnum]) -> Mapping[str, Reader]:
    """One of a few words."""
    *most, last = (f"'{one}'" for one in choice)

    def read(text: str) -> StrEnum:
        if text not in tuple(choice):
            raise ValueError(f"should be {', '.join(most)} or {last}")
        return choice(text)

    return read_by(read)


def _yes_or_no(text: str) -> bool:
    if text.lower() not in (*_TRUE, *_FALSE):
        raise ValueError("should be true or false")
    return text.lower() in _TRUE


YES_OR_NO = read_by(_yes_or_no)


def read(setting: "Field[Any]", text: str) -> Any:
    """The value of a field from the text in the environment; ValueError with what is wrong with it."""
    reader: Reader = setting.metadata.get("reader", str)
    return reader(text)
