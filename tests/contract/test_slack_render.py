"""Every card as Slack takes it: within its limits, with nothing that could mention or link, and all of it in words."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.slack import forms, render
from bot.core.item import Item
from bot.core.pack import Pack
from bot.core.refs import ChannelId, RevisionId, RoundId, WorkspaceId
from bot.core.round import Round, State, shown_order
from bot.core.schedule import Reveal
from bot.packs.loader import load_packs
from bot.view import admincards, roundcards
from bot.view.card import (
    Bar,
    Bars,
    Bullets,
    Button,
    Card,
    Code,
    CodeBlock,
    Fields,
    Heading,
    Line,
    Link,
    Mark,
    Menu,
    OptionLine,
    Options,
    Paragraph,
    Strong,
    Style,
    Table,
    Text,
    TimeStyle,
    When,
)
from bot.view.roundcards import Shown, Verdict
from tests.support import fake_trapwise as cards
from tests.support.wire_slack_checks import faults_of_message, faults_of_view
from tests.support.wire_slack_members import labels

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PACKS = load_packs(Path(__file__).parents[2] / "content")


def sent(card: Card, *, key: str = "") -> dict[str, object]:
    """The card as chat.postMessage gets it."""
    message = render.message(card, key=key)
    return {"text": message.text, "blocks": list(message.blocks)}


def words(card: Card) -> str:
    """Everything in the blocks, as JSON with its own escapes."""
    return json.dumps(render.message(card).blocks, ensure_ascii=False)


def a_round(pack: Pack, item: Item) -> Shown:
    filled = item.filled(1)
    return Shown(
        Round(
            id=RoundId(999_999_999),
            workspace=WorkspaceId(1),
            channel=ChannelId(1),
            schedule=None,
            number=7,
            local_date=date(2026, 11, 23),
            revision=RevisionId(1),
            item=filled,
            order=shown_order(filled, "seed"),
            opens=NOW,
            closes=datetime(2026, 11, 23, 16, 0, tzinfo=UTC),
            reveal=Reveal.NOW,
            state=State.OPEN,
        ),
        pack,
        ZONE,
    )


@pytest.mark.parametrize("pack", PACKS.values(), ids=list(PACKS))
def test_every_item_in_every_card(pack: Pack) -> None:
    for item in pack.items:
        shown = a_round(pack, item)
        question = roundcards.question(shown, 1_234, NOW)
        tally = {option.id: 250 for option in shown.round.item.options}
        chosen = [Verdict(chosen=option, at=NOW, again=True) for option in shown.round.item.options]
        drawn = [
            question,
            roundcards.reveal(shown, tally),
            *(roundcards.feedback(shown, verdict) for verdict in chosen),
            roundcards.explained(shown, shown.round.item.options[0]),
        ]
        for card in drawn:
            assert faults_of_message(sent(card)) == [], (item.id, card.title)
            plain = render.plain_message(card)
            assert faults_of_message({"text": plain.text, "blocks": list(plain.blocks)}) == [], item.id
        said = render.message(question).text
        assert not said.endswith("…"), f"{item.id}: the question doesn't fit into the text for screen readers"
        for option in shown.round.item.options:
            assert (
                option.text.split("`")[0]
                .split("\n")[0][:40]
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                in said
            ), item.id


def test_a_question_never_tells_the_key() -> None:
    pack = next(iter(PACKS.values()))
    for item in pack.items[:40]:
        shown = a_round(pack, item)
        held = words(roundcards.question(shown, 3, NOW)) + render.message(roundcards.question(shown, 3, NOW)).text
        for option in shown.round.item.options:
            assert option.why[:40] not in held
        other = shown._replace(round=replace(shown.round, item=replace(shown.round.item, key="a")))
        another = shown._replace(round=replace(shown.round, item=replace(shown.round.item, key="b")))
        assert words(roundcards.question(other, 3, NOW)) == words(roundcards.question(another, 3, NOW))


@pytest.mark.parametrize(
    "card",
    [
        cards.leaderboard(),
        cards.stats(),
        cards.exam(),
        cards.settings(),
        cards.help_card(),
        cards.explained(),
        cards.closed(3, "Trap question"),
    ],
    ids=lambda card: card.title,
)
def test_cards_of_every_kind(card: Card) -> None:
    assert faults_of_message(sent(card)) == []
    assert faults_of_view(forms.note("Trapwise", render.card_blocks(card))) == []
    assert faults_of_view({"type": "home", "blocks": render.card_blocks(card)}) == []


def test_forms() -> None:
    values = {"time": ("09:00",), "zone": ("Europe/Berlin",), "days": ("mon", "tue"), "closes": ("333",)}
    packs = (("One exam", "one"), ("Other exam", "other"))
    errors = {"time": "Say when.", "pack": "It is gone."}
    form = admincards.setup_form(values | {"pack": ("other",)}, errors=errors, packs=packs)
    place = forms.Place(token=form.token, channel="C1", channel_name="exam-prep")
    view = forms.view(form, place)
    assert faults_of_view(view) == []
    assert forms.errors(form) == {"f.time": "Say when.", "f.pack": "It is gone."}
    assert forms.errors(forms.without_channel(form, "Where?"))["tw.channel"] == "Where?"
    [channel] = [block for block in view["blocks"] if block.get("block_id") == "tw.channel"]
    assert channel["element"]["initial_conversation"] == "C1"
    assert channel["element"]["filter"]["include"] == ["public", "private"]
    assert not channel.get("optional", False)
    [pack] = [block for block in view["blocks"] if block.get("block_id") == "f.pack"]
    assert pack["element"]["initial_option"]["value"] == "other"


EVIL = "<!channel> <@U1> <https://evil.example|good> & *bold* _it_ ~no~ `x` :smile: @here"


def test_nothing_written_by_others_is_read_as_markup() -> None:
    line: Line = (Text(EVIL), Strong(EVIL), Code(EVIL), Link(EVIL, "https://example.org/a|b"))
    card = Card(
        title=EVIL,
        context=(EVIL,),
        blocks=(
            Paragraph(line),
            Bullets((line,)),
            Options((OptionLine(letter="A", body=(Paragraph(line),), note=EVIL, why=(Paragraph(line),)),)),
            Table(EVIL, (EVIL,), ((EVIL,),)),
            Bars(EVIL, (Bar(label=EVIL, share=0.5, low=0.1, high=0.9, text=EVIL),)),
            Fields(((EVIL, line),)),
        ),
        footer=(Text("<!channel> & closes "), When(NOW, TimeStyle.CLOCK, "<!here>")),
        rows=((Button(label=EVIL[:70], token="tw1:c:stats"),),),
    )
    assert faults_of_message(sent(card)) == []
    for block in render.message(card).blocks:
        for element in block.get("elements", []):
            if element.get("type") == "mrkdwn":
                assert "<!channel>" not in element["text"]
                assert "<!here>" not in element["text"]
    assert "<!channel>" not in render.message(card).text


def test_instants_are_shown_in_the_readers_zone() -> None:
    card = Card(title="x", blocks=(Heading("y"),), footer=(Text("closes "), When(NOW, TimeStyle.CLOCK, "10:00 CET")))
    assert f"<!date^{int(NOW.timestamp())}^{{time}}|10:00 CET>" in words(card)
    inside = Card(title="x", blocks=(Paragraph((When(NOW, TimeStyle.FULL, "Mon"),)),))
    assert '"type": "date"' in words(inside)


def test_a_post_says_nothing_that_is_true_only_now() -> None:
    card = Card(title="x", blocks=(Heading("y"),), footer=(When(NOW, TimeStyle.RELATIVE, "in 3 hours"),))
    assert "in 3 hours" in words(card)
    lasting = json.dumps(render.message(card, lasting=True).blocks)
    assert "{date_short_pretty}" in lasting


def test_marks_are_said_in_words_and_counts_are_shown() -> None:
    option = OptionLine(
        letter="B", body=(Paragraph((Text("b"),)),), mark=Mark.KEY, note="the answer", count=7, percent=58
    )
    drawn = words(Card(title="t", blocks=(Options((option,)),)))
    assert "the answer" in drawn
    assert "58 %" in drawn
    assert "✔ B" in drawn


def test_buttons_keep_their_tokens_and_say_what_they_do() -> None:
    card = Card(
        title="t",
        rows=(
            (
                Button(label="A", token="tw1:a:1:A", hint="Answer A: " + "long " * 40, style=Style.PRIMARY),
                Button(label="Week", token="tw1:c:leaderboard:week", pressed=True),
                Button(label="Gone", token="tw1:c:tip", disabled=True),
                Button(label="Docs", url="https://example.org"),
            ),
        ),
        menu=Menu(label="Go to…", entries=(("Question 2", "tw1:v:1:1"),)),
    )
    assert labels(sent(card)) == ["A", "✓ Week", "Docs", "Question 2"]
    buttons = render.message(card).blocks[1]["elements"]
    assert buttons[0]["value"] == "tw1:a:1:A"
    assert buttons[0]["accessibility_label"].startswith("Answer A: long")
    assert faults_of_message(sent(card, key="tw-1-post")) == []


TEXTS = st.text(max_size=5_000) | st.sampled_from([EVIL, "", " ", "😀" * 4_000, "&" * 3_000, "مرحبا " * 600])
LINES = st.lists(st.builds(Text, TEXTS) | st.builds(Code, TEXTS) | st.builds(Strong, TEXTS), max_size=4).map(tuple)
BODIES = st.lists(st.builds(Paragraph, LINES) | st.builds(CodeBlock, TEXTS), max_size=3).map(tuple)


@settings(max_examples=60, deadline=None)
@given(
    title=TEXTS.filter(str.strip),
    context=st.lists(TEXTS, max_size=4).map(tuple),
    body=st.lists(
        st.builds(Paragraph, LINES)
        | st.builds(CodeBlock, TEXTS)
        | st.builds(Heading, TEXTS)
        | st.builds(
            lambda bodies: Options(tuple(OptionLine(letter="A", body=b, why=b) for b in bodies)), st.lists(BODIES)
        )
        | st.builds(lambda lines: Bullets(tuple(lines)), st.lists(LINES, max_size=5)),
        max_size=30,
    ).map(tuple),
    footer=LINES,
    label=TEXTS.filter(str.strip),
)
def test_no_content_breaks_a_limit(
    title: str, context: tuple[str, ...], body: tuple[Paragraph, ...], footer: Line, label: str
) -> None:
    card = Card(
        title=title,
        context=context,
        blocks=body,
        footer=footer,
        rows=((Button(label=label, token="tw1:c:tip", hint=label),),),
        menu=Menu(label=label, entries=((label, "tw1:c:tip"),)),
    )
    assert faults_of_message(sent(card)) == []
