"""A form, asked field by field: how a field is shown, and what a typed line means for it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text as Rich

from bot.adapters.terminal import wording
from bot.adapters.terminal.render import flow, numbered
from bot.adapters.terminal.spans import words
from bot.view.card import Field, Form


@dataclass(frozen=True, slots=True)
class NotOnTheList:
    """What was typed is none of the field's choices."""

    sentence: str


def intro(form: Form, *, again: bool) -> Iterator[RenderableType]:
    """What stands above the fields; `again` if the form came back with errors."""
    yield ""
    yield words(form.title, "bold")
    if again:
        yield words(wording.TRY_AGAIN, "bold yellow")
    elif form.intro:
        yield words(form.intro)
    yield words(wording.TO_CANCEL, "dim")


def question(field: Field, *, width: int) -> Iterator[RenderableType]:
    """One field: its label, its choices if it has any, what is set, and what was wrong with it."""
    yield ""
    hints = [hint for hint in (field.hint, wording.SEVERAL if field.many else "") if hint]
    yield Rich.assemble(words(field.label, "bold"), words(f" — {', '.join(hints)}" if hints else "", "dim"))
    if field.choices:
        yield flow(
            [numbered(n, label, chosen=value in field.value) for n, (label, value) in enumerate(field.choices, 1)],
            width,
        )
    if field.error:
        yield words(f"! {field.error}", "yellow")
    labels = {value: label for label, value in field.choices}
    if kept := ", ".join(labels.get(value, value) for value in field.value):
        yield words(wording.keeps(kept), "dim")


def typed(field: Field, line: str) -> tuple[str, ...] | NotOnTheList:
    """The field's values after this line. An empty one keeps what is set."""
    text = line.strip()
    if not text:
        return field.value
    if not field.choices:
        return (text,)
    if not field.many:
        place = _place(field, text)
        return (field.choices[place][1],) if place is not None else _unknown(field, text)
    places: set[int] = set()
    for part in text.replace(";", ",").replace(" - ", "-").replace(",", " ").split():
        ends = [_place(field, part)] if _place(field, part) is not None else [_place(field, e) for e in part.split("-")]
        first, last = ends[0], ends[-1]
        if first is None or last is None or len(ends) > 2:
            return _unknown(field, part)
        places.update(
            range(first, last + 1) if first <= last else [*range(first, len(field.choices)), *range(last + 1)]
        )
    return tuple(value for n, (_, value) in enumerate(field.choices) if n in places)


def _place(field: Field, text: str) -> int | None:
    """Which choice is meant: by its number, its value, or words that only one label begins with."""
    wanted = text.strip("[]").casefold()
    if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted) <= len(field.choices):
        return int(wanted) - 1
    for n, (label, value) in enumerate(field.choices):
        if wanted in (value.casefold(), label.casefold()):
            return n
    begun = [n for n, (label, _) in enumerate(field.choices) if wanted and label.casefold().startswith(wanted)]
    return begun[0] if len(begun) == 1 else None


def _unknown(field: Field, text: str) -> NotOnTheList:
    return NotOnTheList(wording.no_such_choice(text, len(field.choices)))
