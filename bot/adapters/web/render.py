"""From neutral cards to HTML. Decided here: which button belongs to which option, and what a mark says."""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import assert_never
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.adapters.web import wording
from bot.app.channelview import Post
from bot.view.card import (
    Attachment,
    Bars,
    Block,
    Bullets,
    Button,
    Card,
    Code,
    CodeBlock,
    Fields,
    Heading,
    Link,
    Mark,
    OptionLine,
    Options,
    Paragraph,
    Span,
    Strong,
    Table,
    Text,
    When,
)

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An option as the page shows it: with `button` it can be chosen, else it is a line with what is said of it."""

    option: OptionLine
    button: Button | None
    notes: tuple[str, ...]
    sign: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A card made ready for the templates. `rows` are the buttons that belong to no option.

    `review` is the token that was pressed to answer: pressed again it shows the feedback once more.
    """

    card: Card
    choices: tuple[Choice, ...]
    rows: tuple[tuple[Button, ...], ...]
    review: str

    @property
    def answerable(self) -> bool:
        """Whether an option can be chosen here."""
        return any(choice.button for choice in self.choices)


def drawn(card: Card, *, answered: str = "") -> Drawn:
    """Join each option with its letter's button. `answered` is the letter the reader chose already, if any."""
    options = tuple(o for block in card.blocks if isinstance(block, Options) for o in block.options)
    letters = {option.letter for option in options}
    by_letter = {_letter(b): b for row in card.rows for b in row if _letter(b) in letters}
    rows = tuple(tuple(b for b in row if _letter(b) not in letters) for row in card.rows)
    return Drawn(
        card=card,
        choices=tuple(_choice(o, by_letter.get(o.letter), answered=answered) for o in options),
        rows=tuple(row for row in rows if row),
        review=by_letter[answered].token if answered in by_letter else "",
    )


def _letter(button: Button) -> str:
    """The letter on a letter button; a chosen one may carry a sign behind it."""
    first = button.label.split(maxsplit=1)[0] if button.label else ""
    return first if len(first) == 1 and button.token else ""


def _choice(option: OptionLine, button: Button | None, *, answered: str) -> Choice:
    if answered or (button is not None and button.disabled):
        button = None
    chosen = option.letter == answered or (button is not None and button.pressed)
    mark = Mark.CHOSEN if chosen and option.mark is Mark.NONE else option.mark
    said = option.note or wording.MARKS[mark]
    notes = (said,) if said else ()
    if chosen and mark not in (Mark.CHOSEN, Mark.CHOSEN_KEY):
        notes = (*notes, wording.MARKS[Mark.CHOSEN])
    return Choice(option=option, button=button, notes=notes, sign=_sign(mark))


def _sign(mark: Mark) -> str:
    match mark:
        case Mark.NONE:
            return ""
        case Mark.KEY | Mark.CHOSEN_KEY:
            return "key"
        case Mark.CHOSEN:
            return "chosen"
        case Mark.CAUGHT:
            return "caught"
        case _:
            assert_never(mark)


def block_kind(block: Block) -> str:
    """The name of the macro that draws the block."""
    match block:
        case Paragraph():
            return "paragraph"
        case CodeBlock():
            return "code_block"
        case Options():
            return "options"
        case Heading():
            return "heading"
        case Bullets():
            return "bullets"
        case Bars():
            return "bars"
        case Table():
            return "table"
        case Fields():
            return "fields"
        case _:
            assert_never(block)


def span_kind(span: Span) -> str:
    """The name of the branch that draws the span."""
    match span:
        case Text():
            return "text"
        case Strong():
            return "strong"
        case Code():
            return "code"
        case When():
            return "when"
        case Link():
            return "link"
        case _:
            assert_never(span)


def instant(at: datetime) -> str:
    """As `<time datetime>` wants it, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_web(url: str) -> bool:
    """Whether a link leads to a web page. Anything else, such as `javascript:`, is shown as text."""
    return urlsplit(url).scheme in ("http", "https")


def screen_reader_name(button: Button) -> str:
    """What a button is called aloud; empty if its label says it all. It contains the label, for voice control."""
    if not button.hint or button.hint == button.label:
        return ""
    return button.hint if button.label in button.hint else f"{button.label}: {button.hint}"


def download(attachment: Attachment) -> str:
    """The file as a link that needs no second request, so nothing private has to be kept for it."""
    return f"data:{attachment.media_type};base64,{b64encode(attachment.content).decode()}"


def fingerprint(html: str) -> str:
    """Changes when the HTML does, so that an open page replaces only what changed."""
    return blake2b(html.encode(), digest_size=6).hexdigest()


POSTS_KEPT = 512
"""Posts that are kept as drawn; a page shows ten."""


class Renderer:
    """Draws pages and parts of pages. Everything that isn't a template is escaped."""

    def __init__(self, **shared: object) -> None:
        self._env = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # else every part of a page looks at the disk whether its template has changed
        )
        self._env.globals.update(shared)
        self._env.globals.update(
            block_kind=block_kind,
            span_kind=span_kind,
            drawn=drawn,
            instant=instant,
            is_web=is_web,
            screen_reader_name=screen_reader_name,
            download=download,
            words=wording,
        )
        self._env.filters["fingerprint"] = fingerprint
        self._own = secrets.token_hex(16)
        self._post = lru_cache(maxsize=POSTS_KEPT)(self._draw_post)

    def page(self, template: str, **context: object) -> str:
        """A whole page."""
        return self._env.get_template(template).render(**context)

    def part(self, template: str, **context: object) -> Markup:
        """A part of a page, to be put into another template as it is."""
        return Markup(self.page(template, **context))  # noqa: S704  # the environment escaped it

    def post(self, post: Post, level: int, *, csrf: str, place: str, before: str) -> Markup:
        """One round's post, drawn once for all who see the same of it: only the form's token is everybody's own."""
        html = self._post(post, level, place, before)
        return Markup(html.replace(self._own, escape(csrf)))  # noqa: S704  # the environment escaped the rest

    def _draw_post(self, post: Post, level: int, place: str, before: str) -> str:
        return self.page("post.html", post=post, level=level, csrf=self._own, place=place, before=before)
