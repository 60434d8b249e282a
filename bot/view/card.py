"""Neutral messages: what a card holds, in what order. Each adapter draws them in its platform's own form.

Text is never a plain string with markup in it: it is a tuple of spans, so that every adapter can escape what
people and content wrote and still set code as code and instants in the reader's own time.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Text:
    """Words, shown as they are."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Words that stand out."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A name or expression in code type."""

    text: str


class TimeStyle(StrEnum):
    """How an instant is shown: `17:00`, `Mon 23 Nov, 17:00`, or `in 3 hours`."""

    CLOCK = "clock"
    FULL = "full"
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True)
class When:
    """An instant, shown in the reader's time zone where the platform can do that, else in `fallback`'s words."""

    at: datetime
    style: TimeStyle
    fallback: str


@dataclass(frozen=True, slots=True)
class Link:
    """A web page, opened outside the chat."""

    label: str
    url: str


Span = Text | Strong | Code | When | Link
Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of running text."""

    line: Line


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Lines of code, shown as they are."""

    code: str
    language: str = ""


class Mark(StrEnum):
    """What is to be said of an option. Adapters show a sign and the option's `note` in words, never colour alone."""

    NONE = "none"
    KEY = "key"
    CHOSEN = "chosen"
    CHOSEN_KEY = "chosen_key"
    CAUGHT = "caught"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionLine:
    """One option as listed in the body. `count` and `percent` come after closing; `note` says what `mark` means."""

    letter: str
    body: tuple["Paragraph | CodeBlock", ...]
    mark: Mark = Mark.NONE
    note: str = ""
    count: int | None = None
    percent: int | None = None
    why: tuple["Paragraph | CodeBlock", ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """The options of an item, in the order shown."""

    options: tuple[OptionLine, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A small heading within a card."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short lines."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: a share from 0 to 1 with its interval, or None if not enough is known. `text` has the numbers."""

    label: str
    share: float | None
    low: float | None
    high: float | None
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars under one another, with the line that they are measured against, 0 to 1, if any.

    With `trend` they follow one another in time, oldest first.
    """

    caption: str
    bars: tuple[Bar, ...]
    line: float | None = None
    line_label: str = ""
    trend: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain cells. `numeric` are the columns to align right; `own` is the reader's row, to be set off."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    own: int | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """Pairs of a name and a value, such as settings."""

    pairs: tuple[tuple[str, Line], ...]


Block = Paragraph | CodeBlock | Options | Heading | Bullets | Bars | Table | Fields


class Style(StrEnum):
    """How a button stands out."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button that sends `token`, or a link if it has a `url`. `hint` is what a screen reader says of it."""

    label: str
    token: str = ""
    url: str = ""
    hint: str = ""
    style: Style = Style.PLAIN
    pressed: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """A choice from a list: choosing an entry sends its token. At most 25 entries fit everywhere."""

    label: str
    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One message. `context` are the small facts beside the title; `rows` hold at most five buttons each.

    `tone` lets an adapter tint the card; it never carries meaning of its own.
    """

    title: str
    context: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    footer: Line = ()
    rows: tuple[tuple[Button, ...], ...] = ()
    menu: Menu | None = None
    tone: str = "plain"


class Audience(StrEnum):
    """Who sees a reply."""

    ONLY_YOU = "only_you"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file for the reader, such as an export. `alt` says what an image shows."""

    name: str
    media_type: str
    content: bytes
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input of a form. With `choices` (label, value) it is a selection, several if `many`; else a line of text."""

    name: str
    label: str
    hint: str = ""
    value: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    many: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A few inputs to fill in and send under `token`. At most five `fields`, which is what a modal holds everywhere.

    `extra` are shown where there is room for more; a form sent without them leaves what they stand for as it is.
    `channel` asks which channel the form is for, on platforms whose forms have an input for that. Elsewhere it is the
    one in which the form was opened.
    """

    title: str
    token: str
    intro: str = ""
    fields: tuple[Field, ...] = ()
    extra: tuple[Field, ...] = ()
    channel: Field | None = None
    submit: str = "Save"

    @property
    def inputs(self) -> tuple[Field, ...]:
        """All fields in their order, for platforms that have room."""
        return (*self.extra, *self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a press, command or form is answered with.

    `replace` asks to redraw the private card that the pressed button was on, in place of sending a new one.
    `announced` is said to the whole channel besides, where people should know what one of them has changed.
    """

    card: Card | None = None
    form: Form | None = None
    audience: Audience = Audience.ONLY_YOU
    replace: bool = False
    attachments: tuple[Attachment, ...] = ()
    announced: Card | None = None
