"""Exports a pack as an Anki package: a note type that shows options on the front, and every rationale on the back."""

import html
import re

from bot.core.item import LETTERS, Item
from bot.core.pack import Pack
from bot.packs.anki_file import Deck, Note, write_package

_FIELDS = ("Question", *LETTERS, "Answer", "Rationales", "Takeaway", "References", "Id")
_CODE = re.compile(r"```[a-z]*\n(.*?)\n?```|`([^`]+)`", re.DOTALL)
_OPTIONS = "".join(f"{{{{#{letter}}}}}<p><b>{letter}</b> {{{{{letter}}}}}</p>{{{{/{letter}}}}}" for letter in LETTERS)
_QUESTION = f"<div>{{{{Question}}}}</div>{_OPTIONS}"
_ANSWER = (
    "{{FrontSide}}<hr id=answer><p><b>Right: {{Answer}}</b></p>{{Rationales}}"
    "<p><i>{{Takeaway}}</i></p><p class=links>{{References}}</p>"
)
_CSS = (
    ".card { font-family: sans-serif; font-size: 18px; text-align: left; max-width: 40em; margin: 0 auto; }\n"
    "code, pre { font-family: monospace; } pre { white-space: pre-wrap; } .links { font-size: 14px; }\n"
)


def to_anki(pack: Pack, *, now: int) -> bytes:
    """The package; `now` is in seconds since 1970. Importing it again updates its notes, since their ids stay."""
    notes = tuple(_note(item.filled(0), pack) for item in pack.ready)
    deck = Deck(
        name=pack.title,
        note_type="Trapwise question",
        fields=_FIELDS,
        question=_QUESTION,
        answer=_ANSWER,
        css=_CSS,
        notes=notes,
    )
    return write_package(deck, now=now)


def _note(item: Item, pack: Pack) -> Note:
    options = {option.id.upper(): option for option in item.options}
    told: list[str] = []
    for letter, option in options.items():
        trap = pack.trap(option.trap) if option.trap else None
        named = f" <i>Trap: {html.escape(trap.name)}.</i>" if trap else ""
        told.append(f"<p><b>{letter}</b> {to_html(option.why)}{named}</p>")
    links = "<br>".join(f'<a href="{html.escape(link)}">{html.escape(link)}</a>' for link in item.references)
    values = {
        "Question": to_html(item.stem),
        **{letter: to_html(option.text) for letter, option in options.items()},
        "Answer": item.key.upper(),
        "Rationales": "".join(told),
        "Takeaway": to_html(item.takeaway),
        "References": links,
        "Id": f"{pack.id}/{item.id}",
    }
    fields = tuple((name, values.get(name, "")) for name in _FIELDS)
    return Note(fields, (pack.id, item.domain), guid=f"{pack.id}/{item.id}")


def to_html(text: str) -> str:
    """The pack's small Markdown as HTML. Braces that Anki would take for its own marks are kept apart."""
    pieces: list[str] = []
    end = 0
    for code in _CODE.finditer(text):
        pieces.append(_paragraphs(text[end : code.start()]))
        pieces.append(
            f"<pre>{html.escape(code[1])}</pre>" if code[1] is not None else f"<code>{html.escape(code[2])}</code>"
        )
        end = code.end()
    pieces.append(_paragraphs(text[end:]))
    return "".join(pieces).strip().replace("{{", "{<!-- -->{").replace("}}", "}<!-- -->}")


def _paragraphs(text: str) -> str:
    return html.escape(text, quote=False).replace("\n\n", "<br><br>").replace("\n", " ")
