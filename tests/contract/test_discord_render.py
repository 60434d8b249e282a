"""Every card as Discord takes it: within its limits, by its published description, all in words and never the key."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.discord import forms, limits, markdown
from bot.adapters.discord.render import draw, texts
from bot.core.item import Item, Option
from bot.core.pack import Pack
from bot.core.refs import ChannelId, RevisionId, RoundId, WorkspaceId
from bot.core.round import Round, State, shown_order
from bot.core.schedule import Reveal
from bot.packs.fields import OPTION_TEXT, STEM, TAKEAWAY, WHY
from bot.packs.loader import load_packs
from bot.view import roundcards
from bot.view.card import (
    Attachment,
    Bar,
    Bars,
    Button,
    Card,
    Code,
    CodeBlock,
    Field,
    Fields,
    Heading,
    Link,
    Mark,
    Menu,
    OptionLine,
    Options,
    Paragraph,
    Strong,
    Table,
    Text,
)
from bot.view.roundcards import Shown, Verdict
from tests.support import fake_trapwise as cards
from tests.support import wire_discord_rules as rules
from tests.support.builders import a_pack, an_item
from tests.support.wire_discord_spec import PLACE, spec

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@cache
def real_packs() -> dict[str, Pack]:
    return load_packs(Path(__file__).parents[2] / "content")


def body(card: Card, **more: Any) -> dict[str, Any]:
    """The card as POST /channels/…/messages gets it."""
    drawn = draw(card, **more)
    components: Any = drawn.view.to_components()  # type: ignore[no-untyped-call]  # discord.py left it so
    named = [{"id": str(n), "filename": file.filename} for n, file in enumerate(drawn.files)]
    return {
        "components": components,
        "flags": rules.V2,
        "allowed_mentions": {"parse": []},
        **({"attachments": named} if named else {}),
    }


def faults(card: Card, *, by_hand: bool = False, **more: Any) -> list[str]:
    """What Discord would find wrong with it; `by_hand` leaves the slow published description out."""
    sent = body(card, **more)
    files = {str(found["filename"]): b"" for found in sent.get("attachments", [])}
    described = spec() if not by_hand else None
    found = described.faults("POST", "/channels/1/messages", sent) if described is not None else []
    return found + rules.message_faults(sent, files=files, edit=False)


def said(card: Card) -> str:
    """All its text."""
    return "\n".join(texts(card))


def shown(item: Item, pack: Pack | None, **changes: Any) -> Shown:
    about: dict[str, Any] = {
        "id": RoundId(999_999_999),
        "workspace": WorkspaceId(1),
        "channel": ChannelId(1),
        "schedule": None,
        "number": 7,
        "local_date": date(2026, 11, 23),
        "revision": RevisionId(1),
        "item": item,
        "order": shown_order(item, "seed"),
        "opens": NOW,
        "closes": datetime(2026, 11, 23, 16, 0, tzinfo=UTC),
        "reveal": Reveal.NOW,
        "state": State.OPEN,
        "message": None,
    }
    return Shown(Round(**(about | changes)), pack, ZONE)


def all_of(item: Item, pack: Pack | None) -> list[Card]:
    """Every card of a round."""
    of = shown(item, pack)
    tally = {option.id: 1234 for option in item.options}
    verdicts = [Verdict(chosen=option, at=NOW, again=True) for option in item.options]
    return [
        roundcards.question(of, 12_345, NOW),
        roundcards.reveal(of, tally),
        roundcards.explained(of, item.options[0]),
        *(roundcards.feedback(of, verdict) for verdict in verdicts),
    ]


@pytest.mark.skipif(not PLACE.is_file(), reason="no copy of Discord's published API description beside the repository")
def test_the_published_description_is_there_and_finds_faults() -> None:
    described = spec()
    assert described is not None
    too_long = {
        "components": [{"type": 1, "components": [{"type": 2, "style": 1, "custom_id": "x", "label": "l" * 81}]}]
    }
    assert described.faults("POST", "/channels/1/messages", too_long)


def test_every_question_of_the_content_fits_whole() -> None:
    for pack in real_packs().values():
        for item in pack.ready:
            for card in all_of(item.filled(0), pack):
                assert faults(card, by_hand=True) == [], item.id
                assert limits.ELLIPSIS not in said(card).replace("Choose…", ""), item.id


def longest(sign: str) -> Item:
    """An item as long as content may be, in one sign."""
    options = tuple(Option(letter, sign * OPTION_TEXT.maximum, sign * WHY.maximum) for letter in "abcde")
    return an_item(stem=sign * STEM.maximum, options=options, takeaway=sign * TAKEAWAY.maximum)


def test_the_longest_item_fits_whole_in_components() -> None:
    for card in all_of(longest("x"), a_pack()):
        assert faults(card) == []
        assert said(card).count("…") == 0


@pytest.mark.parametrize("sign", ["*", "`", "😀", "|", "<"])
def test_an_item_of_nothing_but_signs_is_cut_and_still_taken(sign: str) -> None:
    for card in all_of(longest(sign), a_pack()):
        assert faults(card) == []


def test_components_hold_what_an_embed_would() -> None:
    """The comparison behind the choice: an embed's 4096 and 6000 buy nothing for the longest item there can be."""
    cards_of_longest = all_of(longest("x"), a_pack())
    assert max(limits.length(said(card)) for card in cards_of_longest) <= limits.TEXT < 4096
    assert max(len(list(rules.walk(body(card)["components"]))) for card in cards_of_longest) <= limits.COMPONENTS


def test_the_key_is_nowhere_in_the_question() -> None:
    item = an_item()
    same = [
        roundcards.question(shown(an_item(key=key), a_pack(), order=shown_order(item, "s")), 3, NOW) for key in "abcd"
    ]
    assert len({str(body(card, key="tw-1-post")) for card in same}) == 1


SAMPLES = [
    cards.question(1, 3),
    cards.closed(1, "Closed"),
    cards.feedback(1, "B"),
    cards.explained(),
    cards.leaderboard(),
    cards.stats(),
    cards.exam(),
    cards.settings(),
    cards.help_card(),
]


@pytest.mark.parametrize("card", SAMPLES, ids=lambda card: card.title[:30])
def test_a_card_says_in_discord_all_that_it_holds(card: Card) -> None:
    assert faults(card) == []
    shown_words = _flat(said(card) + " ".join(part.get("label", "") for part in rules.walk(body(card)["components"])))
    for piece in _pieces(card):
        assert _flat(piece) in shown_words, piece


def _flat(words: str) -> str:
    bare = re.sub(r"\\(?=[^0-9A-Za-z\s])", "", words)
    return re.sub(r"[\s*`#>_]+|-# ", "", bare)


def _pieces(card: Card) -> list[str]:
    found = [card.title, *card.context, *(button.label for row in card.rows for button in row)]
    for block in card.blocks:
        match block:
            case Paragraph(line=line):
                found += [span.text for span in line if isinstance(span, Text | Strong | Code)]
            case CodeBlock(code=code):
                found.append(code)
            case Heading(text=words):
                found.append(words)
            case Options(options=options):
                for option in options:
                    found += [
                        option.letter,
                        option.note,
                        *([str(option.percent)] if option.percent is not None else []),
                    ]
            case Bars(bars=bars):
                found += [words for bar in bars for words in (bar.label, bar.text, bar.note)]
            case Table(rows=rows):
                found += [cell for row in rows for cell in row]
            case Fields(pairs=pairs):
                found += [name for name, _ in pairs]
            case _:
                pass
    found += [span.text for span in card.footer if isinstance(span, Text)]
    return [piece for piece in found if piece.strip()]


def test_a_mark_is_never_colour_alone() -> None:
    line = OptionLine(
        letter="B", body=(Paragraph((Text("blue"),)),), mark=Mark.KEY, note="the answer", count=7, percent=58
    )
    words = said(Card(title="t", blocks=(Options((line,)),), tone="closed"))
    assert "✔ **B**  blue" in words
    assert "the answer · 7 chose this, 58 %" in words


def test_buttons_that_do_the_same_are_told_apart_and_pressed_ones_say_so() -> None:
    twice = Button(label="Week", token="tw1:c:leaderboard:week:channel", pressed=True)
    card = Card(title="t", rows=((twice,), (twice,)))
    assert faults(card) == []
    ids = [part["custom_id"] for part in rules.walk(body(card)["components"]) if part["type"] == 2]
    assert ids == [twice.token, f"{twice.token}~1"]
    assert {part["label"] for part in rules.walk(body(card)["components"]) if part["type"] == 2} == {"Week ✓"}


def test_far_too_much_of_everything_is_still_taken() -> None:
    row = tuple(Button(label="l" * 200, token=f"tw1:c:stats:{n}") for n in range(5))
    rows = tuple(tuple(Button(label=b.label, token=f"{b.token}.{r}") for b in row) for r in range(12))
    menu = Menu(label="m" * 300, entries=tuple((f"{n}" * 120, f"tw1:c:quiz:{n}") for n in range(40)))
    card = Card(title="t" * 5000, context=("c" * 3000,), footer=(Text("f" * 3000),), rows=rows, menu=menu)
    assert faults(card) == []


def test_a_chart_has_its_numbers_as_alt_text_and_a_file_is_shown() -> None:
    bars = Bars("Domains", (Bar(label="Basics", share=0.4, low=0.2, high=0.6, text="40 % (4 of 10)", note="weak"),))
    card = Card(title="Where you stand", blocks=(bars,))
    chart = Attachment(name="chart.png", media_type="image/png", content=b"png")
    export = Attachment(name="export.zip", media_type="application/zip", content=b"zip")
    assert faults(card, attachments=(chart, export)) == []
    gallery = next(part for part in rules.walk(body(card, attachments=(chart,))["components"]) if part["type"] == 12)
    assert gallery["items"][0]["description"] == "Where you stand. Basics: 40 % (4 of 10), weak"
    assert "████" in said(card)


nasty = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    [
        "@everyone",
        "<@123>",
        "<#1>",
        "[x](https://evil.example)",
        "https://evil.example/a_b",
        "```",
        "||s||",
        "# big",
        "1. x",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(nasty, min_size=4, max_size=4))
def test_whatever_people_write_stays_words(words: list[str]) -> None:
    title, text, name, code = words
    card = Card(
        title=title or "t",
        context=(name,),
        blocks=(
            Paragraph((Text(text), Strong(name), Code(code), Link(name or "x", "https://example.org/a(b)>c"))),
            CodeBlock(code, language=name),
            Table("Board", ("Name",), ((name,), (text,)), own=0),
        ),
        footer=(Text(name),),
        rows=((Button(label=name or "x", token="tw1:c:stats"),),),
    )
    assert faults(card) == []


@given(nasty)
def test_escaped_words_hold_no_markup(words: str) -> None:
    bare = re.sub(r"\\[^0-9A-Za-z\s]", "x", markdown.escape(words))
    assert not re.search(r"[*_~`|\[\]<>@\\]|://", bare)
    assert not re.match(r"\s*(#|-|\+|\d+[.)])", bare)
    assert re.sub(r"\\([^0-9A-Za-z\s])", r"\1", markdown.escape(words)) == words.replace("\n", " ")


def test_forms_are_modals_by_the_rules() -> None:
    more = Field(name="pack", label="Questions from", choices=(("One", "one"), ("Other", "other")))
    form = replace(cards.setup_form(error="Say when, such as 09:00."), extra=(more,))
    data = forms.modal(form).to_dict()
    assert [top["component"]["custom_id"] for top in data["components"] if top["type"] == 18] == [
        field.name for field in form.fields
    ]
    assert rules.modal_faults(data) == []
    described = spec()
    if described is not None:
        path = "/interactions/1/token/callback"
        assert described.faults("POST", path, {"type": 9, "data": data}) == []
    kinds = {top["component"]["type"] for top in data["components"] if top["type"] == 18}
    assert 4 in kinds
    assert kinds & {21, 22}
