"""Cards keep to the limits with the longest content, and an open question holds its key in no form."""

import gc
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.item import LETTERS, Item, Kind, Option
from bot.core.pack import Pack
from bot.core.refs import ChannelId, MemberId, RevisionId, RoundId, ScheduleId, WorkspaceId
from bot.core.round import Round, State, shown_order
from bot.core.schedule import Pause, Reveal, Schedule
from bot.core.scoring import Standing
from bot.core.standings import Board, Placed, Score, Span, places
from bot.core.weakness import Tally, estimate
from bot.packs.loader import load_packs
from bot.view import admincards, boardcards, plaincards, roundcards
from bot.view.admincards import Status
from bot.view.card import Button, Card, CodeBlock, Mark, Options, Paragraph, Reply
from bot.view.roundcards import Shown, Verdict
from tests.support.app_house import buttons, words
from tests.support.builders import a_pack, an_item
from tests.support.card_limits import faults

CONTENT = Path(__file__).resolve().parents[2] / "content"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
BIGGEST = 10**18 - 1
"""The largest key that a token can carry."""


@pytest.fixture(scope="module")
def packs() -> Mapping[str, Pack]:
    """The packs that ship."""
    return load_packs(CONTENT)


def a_round(item: Item | None = None, **changes: object) -> Round:
    item = item or an_item()
    made = Round(
        id=RoundId(BIGGEST),
        workspace=WorkspaceId(1),
        channel=ChannelId(1),
        schedule=ScheduleId(1),
        number=7,
        local_date=NOW.date(),
        revision=RevisionId(1),
        item=item,
        order=shown_order(item, "1/2026-11-23"),
        opens=NOW,
        closes=NOW + timedelta(hours=8),
        reveal=Reveal.NOW,
        state=State.OPEN,
        message="m1",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # callers name fields of Round


def shown(round_: Round, pack: Pack | None = None) -> Shown:
    return Shown(round_, pack or a_pack(), BERLIN)


def verdict(chosen: Option, **changes: object) -> Verdict:
    standing = Standing(answered=9_999, right=9_998, points=99_999, streak=9_999, freezes=2, run=99, last=9_999)
    tally = Tally(domain="basics", answered=9_999, right=9_998, weight=900.0, weight_right=899.0)
    made = Verdict(
        chosen=chosen,
        at=NOW,
        again=False,
        points=15,
        run_before=9_999,
        standing=standing,
        estimate=estimate(tally, NOW),
    )
    return made._replace(**changes)  # type: ignore[arg-type]  # callers name fields of Verdict


def round_cards(round_: Round, pack: Pack | None) -> list[Card]:
    """Every card that a round can be shown as."""
    where = Shown(round_, pack, BERLIN)
    tally = {option.id: 1_234_567 for option in round_.item.options}
    made = [
        roundcards.question(where, 0, NOW),
        roundcards.question(where, 1_234_567, NOW),
        roundcards.reveal(where, {}),
        roundcards.reveal(where, tally),
        roundcards.too_late(where),
        roundcards.explained(where, None),
    ]
    for option in round_.item.options:
        for again in (False, True):
            said = verdict(option, again=again)
            made += [roundcards.feedback(where, said), roundcards.saved(where, said)]
        made += [roundcards.explained(where, option), roundcards.reveal(where, {option.id: 1})]
    return made


def longest_item() -> Item:
    """Far longer than the content rules allow, with five options and every trap of its own."""
    options = tuple(
        Option(letter.lower(), f"`{'x' * 500}` " * 3, "because " * 300, f"trap-{letter.lower()}-{'y' * 40}")
        for letter in LETTERS
    )
    fence = "```python\n" + "a = 1\n" * 200 + "```"
    return an_item("i" * 48, stem=f"{'Word ' * 900}\n\n{fence}", options=options, key="c", takeaway="long " * 300)


def test_rounds_keep_to_the_limits_with_the_longest_content() -> None:
    for pack in (a_pack(), None):
        for reveal in Reveal:
            for state in State:
                for card in round_cards(a_round(longest_item(), reveal=reveal, state=state), pack):
                    assert faults(card) == []


def test_rounds_of_every_item_that_ships_keep_to_the_limits(packs: Mapping[str, Pack]) -> None:
    for pack in packs.values():
        for item in pack.items:
            for card in round_cards(a_round(item.filled(0)), pack):
                assert faults(card) == [], item.id


def test_a_question_holds_its_key_in_no_form() -> None:
    for reveal in Reveal:
        cards = {key: roundcards.question(shown(a_round(an_item(key=key), reveal=reveal)), 3, NOW) for key in "abcd"}
        assert len({repr(card) for card in cards.values()}) == 1
        assert all(card == cards["a"] for card in cards.values())


def test_a_question_holds_neither_rationale_nor_trap_nor_takeaway() -> None:
    item = an_item()
    bare = replace(
        item, options=tuple(replace(o, why="", trap=None) for o in item.options), takeaway="", references=(), sources=()
    )
    order = shown_order(item, "1/2026-11-23")
    assert roundcards.question(shown(a_round(item)), 3, NOW) == roundcards.question(
        shown(a_round(bare, order=order)), 3, NOW
    )


def test_a_question_of_every_item_that_ships_is_blind_to_its_key(packs: Mapping[str, Pack]) -> None:
    for pack in packs.values():
        for item in (found.filled(1) for found in pack.items):
            cards = [
                roundcards.question(Shown(a_round(replace(item, key=o.id)), pack, BERLIN), 0, NOW) for o in item.options
            ]
            assert all(card == cards[0] for card in cards)


def test_a_receipt_is_blind_to_the_key() -> None:
    for chosen in an_item().options:
        cards = [
            roundcards.saved(shown(a_round(an_item(key=key), reveal=Reveal.AT_CLOSE)), verdict(chosen))
            for key in "abcd"
        ]
        assert all(card == cards[0] for card in cards)


def test_the_comparison_would_see_a_key() -> None:
    """The tests above are worth something: the cards that may tell the key do differ by it."""
    one, two = a_round(an_item(key="a")), a_round(an_item(key="b"))
    chosen = verdict(one.item.options[0])
    assert roundcards.reveal(shown(one), {}) != roundcards.reveal(shown(two), {})
    assert roundcards.explained(shown(one), None) != roundcards.explained(shown(two), None)
    assert roundcards.feedback(shown(one), chosen) != roundcards.feedback(shown(two), chosen)


def test_the_buttons_of_a_question_name_the_letters_as_shown() -> None:
    round_ = a_round(order="dbac")
    card = roundcards.question(shown(round_), 0, NOW)
    assert [b.label for b in buttons(card)] == ["A", "B", "C", "D"]
    assert [b.hint for b in buttons(card)] == [
        "Answer A: It is new",
        "Answer B: It is blue",
        "Answer C: It is red",
        "Answer D: It is wet",
    ]
    (options,) = (block for block in card.blocks if isinstance(block, Options))
    assert [o.letter for o in options.options] == ["A", "B", "C", "D"]
    assert {o.mark for o in options.options} == {Mark.NONE}
    assert {(o.count, o.percent, o.note, o.why) for o in options.options} == {(None, None, "", ())}


def test_a_question_shows_what_kind_it_is() -> None:
    card = roundcards.question(shown(a_round(an_item(kind=Kind.PAIR))), 2, NOW)
    assert card.title == "Trap question · Mon 23 Nov"
    assert card.context == ("My Exam", "Basics", "confusing pair", "medium")
    assert "2 people have answered · closes 18:00 CET (in 8 hours) · only you see how you did" in words(card)


def test_an_extra_question_says_that_it_is_one() -> None:
    card = roundcards.question(shown(a_round(number=None, schedule=None)), 0, NOW)
    assert card.title.startswith("Extra question")


def test_marks_are_said_in_words_too() -> None:
    for card in round_cards(a_round(), a_pack()):
        for block in card.blocks:
            if isinstance(block, Options):
                for option in block.options:
                    assert bool(option.note) == (option.mark is not Mark.NONE)


def test_a_reveal_marks_every_option_that_caught_the_most() -> None:
    card = roundcards.reveal(shown(a_round(order="abcd")), {"a": 2, "b": 3, "c": 2, "d": 1})
    (options,) = (block for block in card.blocks if isinstance(block, Options))
    assert [(o.mark, o.count, o.percent) for o in options.options] == [
        (Mark.CAUGHT, 2, 25),
        (Mark.KEY, 3, 38),
        (Mark.CAUGHT, 2, 25),
        (Mark.NONE, 1, 13),
    ]
    assert "8 answered, 3 got it" in words(card)


def test_a_reveal_that_nobody_answered() -> None:
    card = roundcards.reveal(shown(a_round()), {})
    assert "Nobody answered this one." in words(card)
    (options,) = (block for block in card.blocks if isinstance(block, Options))
    assert [o.mark for o in options.options].count(Mark.CAUGHT) == 0
    assert {o.percent for o in options.options} == {0}


def test_a_reveal_where_all_were_right_catches_nobody() -> None:
    card = roundcards.reveal(shown(a_round()), {"b": 5})
    assert "caught the most" not in words(card)
    assert "The trap" not in words(card)


def test_markdown_of_an_item_is_shown_as_spans_and_blocks() -> None:
    item = an_item(stem="Is `a < b` *so*?\n\n```python\nx = '<b>'\n```")
    blocks = roundcards.question(shown(a_round(item)), 0, NOW).blocks
    assert isinstance(blocks[0], Paragraph)
    assert isinstance(blocks[1], CodeBlock)
    assert (blocks[1].code, blocks[1].language) == ("x = '<b>'", "python")
    assert "Is a < b *so*?" in words(Card(title="x", blocks=blocks))


def a_score(number: int, **changes: object) -> Score:
    made = Score(member=MemberId(number), name="W" * 80, points=10**9, right=10**8, answered=10**8, streak=10**6)
    return replace(made, **changes)  # type: ignore[arg-type]  # callers name fields of Score


@pytest.mark.parametrize("span", Span)
@pytest.mark.parametrize("channel", [True, False])
@pytest.mark.parametrize("you", [3, 99, 7_777])
def test_boards_keep_to_the_limits(span: Span, channel: bool, you: int) -> None:
    board = Board(
        top=places([a_score(n) for n in range(1, 11)]),
        own=Placed(10**6, a_score(99)),
        own_hidden=True,
        members=10**6,
        rounds=10**5,
    )
    card = boardcards.leaderboard(board, span=span, where="#" + "c" * 80, channel=channel, you=MemberId(you))
    assert faults(card) == []
    empty = Board(top=(), own=None, own_hidden=False, members=0, rounds=0)
    assert faults(boardcards.leaderboard(empty, span=span, where="x", channel=channel, you=MemberId(1))) == []


def a_schedule(**changes: object) -> Schedule:
    made = Schedule(
        id=ScheduleId(1),
        workspace=WorkspaceId(1),
        channel=ChannelId(1),
        pack="my-exam",
        opens=NOW.time(),
        zone=ZoneInfo("America/Argentina/ComodRivadavia"),
        since=NOW.date(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # callers name fields of Schedule


@pytest.mark.parametrize("pause", [None, *Pause])
def test_admin_cards_keep_to_the_limits(pause: Pause | None) -> None:
    plan = a_schedule(pause=pause, weekdays=frozenset({0, 2, 4, 6}), closes_after=1439)
    for next_at in (None, NOW + timedelta(days=3)):
        state = Status(
            schedule=plan,
            pack_title="T" * 80,
            next_at=next_at,
            rounds=10**6,
            items_left=10**6,
            waiting=10**6,
            reported=[("i" * 48, 10**6)] * 40,
        )
        assert faults(admincards.status(state, NOW)) == []
        made = admincards.schedule(plan, pack_title="T" * 80, next_at=next_at, now=NOW, lead="Saved.")
        assert faults(made) == []


def test_the_setup_form_keeps_to_the_limits_with_any_values() -> None:
    values: dict[str, tuple[str, ...]] = {name: ("9" * 3_000,) for name in ("time", "zone", "days", "closes", "reveal")}
    errors = {name: "no " * 50 for name in values}
    for closes in ("9" * 3_000, "²", "", "17", "1440"):
        form = admincards.setup_form(values | {"closes": (closes,)}, errors=errors)
        assert faults(form) == []
        assert [field.error for field in form.fields] == ["no " * 50] * 5
    assert ("17 minutes", "17") in admincards.setup_form({"closes": ("17",)}, errors={}).fields[3].choices


def test_the_setup_form_asks_for_the_pack_where_there_is_a_choice() -> None:
    values: dict[str, tuple[str, ...]] = {"pack": ("b",)}
    one, two = (("A" * 100, "a"),), (("A" * 100, "a"), ("Other", "b"))
    assert admincards.setup_form(values, errors={}, packs=one).extra == ()
    form = admincards.setup_form(values, errors={}, packs=two)
    assert faults(form) == []
    assert (form.extra[0].name, form.extra[0].value, form.extra[0].choices[1]) == ("pack", ("b",), ("Other", "b"))
    assert [field.name for field in form.inputs] == ["pack", "time", "zone", "days", "closes", "reveal"]
    assert admincards.setup_form(values, errors={"pack": "It is gone."}, packs=one).extra[0].error == "It is gone."


def test_an_announcement_has_no_buttons_and_keeps_to_the_limits() -> None:
    saved = admincards.schedule(a_schedule(), pack_title="T" * 80, next_at=NOW, now=NOW)
    for name in ("N" * 300, ""):
        made = admincards.announcement(name, saved)
        assert faults(made) == []
        assert (made.rows, made.blocks) == ((), saved.blocks)
    assert made.title.startswith("Somebody set up")


def test_plain_cards_keep_to_the_limits() -> None:
    commands = [("/trapwise something", "S" * 100, "/trapwise something else")] * 40
    cards = [
        plaincards.help_card(commands, lead="L" * 200, support="https://example.org"),
        plaincards.privacy(policy="https://example.org"),
        plaincards.forget_question(10**6),
        plaincards.notice("N"),
        plaincards.hello(),
    ]
    for hidden in (True, False):
        for reminders in (True, False):
            for extended in (True, False):
                cards.append(plaincards.settings(hidden=hidden, reminders=reminders, extended=extended, lead="Saved."))
    for card in cards:
        assert faults(card) == []


def test_the_limits_are_noticed() -> None:
    """The check above can fail."""
    row = buttons(plaincards.privacy())
    assert faults(Card(title="", rows=(tuple(row),)))
    assert faults(Card(title="x", rows=(tuple(row) * 3,)))
    assert faults(Card(title="x", rows=((replace(row[0], token="tw1:?"),),)))
    assert faults(Reply(card=Card(title="x", rows=((row[0], row[0]),))))


def test_what_was_drawn_for_rounds_that_are_over_does_not_stay() -> None:
    def held() -> int:
        gc.collect()
        return sum(isinstance(kept, Button) for kept in gc.get_objects())

    before = held()
    for number in range(1, 1_500):
        where = shown(a_round(id=RoundId(number)))
        roundcards.question(where, 1, NOW)
        for option in where.round.item.options:
            roundcards.feedback(where, verdict(option))
    # Three buttons each, for as many as are kept: some of the rounds that may be open at the same time.
    assert held() - before <= 3 * 256
