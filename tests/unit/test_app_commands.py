"""Every command in the table is carried out, and every button that comes back can be pressed."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.actions import Actor
from bot.app.commands import COMMANDS, Argument, Spec, Takes, find
from bot.app.typed import Lexicon, parse
from bot.core.outcomes import Unreadable
from bot.core.pack import Pack
from bot.packs.loader import load_packs
from bot.view import tokens, wording
from bot.view.card import Reply
from tests.support.app_house import ADMIN, ANA, EIGHT, House, card_of, open_house, small_pack, tokens_of, words
from tests.support.builders import an_actor
from tests.support.card_limits import faults

CONTENT = Path(__file__).resolve().parents[2] / "content"
NINE = EIGHT + timedelta(hours=1)
PRESSES = 400
"""How many different buttons are pressed on the way through the cards."""


@pytest.fixture(scope="module")
def packs() -> Mapping[str, Pack]:
    """The packs that ship."""
    return load_packs(CONTENT)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as made:
        yield made


def a_word(argument: Argument, pack: Pack) -> str:
    """Something that fits the argument, given by name."""
    match argument.takes:
        case Takes.CHOICE:
            word = argument.choices[0]
        case Takes.DOMAIN:
            word = pack.blueprint.domains[0].id
        case Takes.TRAP:
            word = pack.traps[0].id
        case Takes.PACK:
            word = pack.id
        case Takes.COUNT:
            word = "3"
        case Takes.MINUTES:
            word = "90m"
        case Takes.TIME:
            word = "10:15"
        case Takes.ZONE:
            word = "Asia/Tokyo"
        case Takes.WEEKDAYS:
            word = "mon,wed"
        case Takes.DATE:
            word = "2026-12-24"
    return f"{argument.name}={word}"


def is_answer(reply: Reply) -> bool:
    """Whether it is more than “I don't know what you mean”."""
    said = words(reply)
    unread = wording.refusal(Unreadable(), zone=EIGHT.tzinfo) not in said  # type: ignore[arg-type]  # not told in it
    held = reply.card is not None or reply.form is not None
    return held and unread and wording.UNKNOWN_COMMAND not in said


@pytest.mark.parametrize("spec", COMMANDS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("actor", [ADMIN, ANA, replace(ADMIN, channel=None)], ids=["admin", "member", "direct"])
@pytest.mark.parametrize("set_up", [True, False], ids=["set up", "fresh"])
async def test_every_command_is_answered(house: House, spec: Spec, actor: Actor, set_up: bool) -> None:
    if set_up:
        await house.schedule()
        await house.opened()
    pack = house.services.packs["my-exam"]
    assert is_answer(await house.say(actor, spec.name))
    assert is_answer(await house.say(actor, f"trapwise {spec.name}"))
    for argument in spec.arguments:
        assert is_answer(await house.say(actor, f"{spec.name} {a_word(argument, pack)}"))
        for choice in argument.choices:
            assert is_answer(await house.say(actor, f"{spec.name} {choice}"))


@pytest.mark.parametrize("spec", [s for s in COMMANDS if s.arguments], ids=lambda spec: spec.name)
def test_every_argument_is_understood_by_name(spec: Spec) -> None:
    pack = small_pack()
    lexicon = Lexicon(pack, {pack.id: pack})
    for argument in spec.arguments:
        given = parse(spec, a_word(argument, pack), lexicon)
        assert isinstance(given, Mapping)
        assert list(given) == [argument.name]


def test_examples_are_understood(packs: Mapping[str, Pack]) -> None:
    pack = next(iter(packs.values()))
    for spec in COMMANDS:
        if spec.example:
            assert spec.example.startswith(spec.typed)
            given = parse(spec, spec.example.removeprefix(spec.typed), Lexicon(pack, packs))
            assert isinstance(given, Mapping), spec.example
            assert given


def test_names_are_unique_and_fit_every_platform() -> None:
    names = [spec.name for spec in COMMANDS]
    assert len(names) == len(set(names))
    for spec in COMMANDS:
        assert find(spec.name) is spec
        assert spec.name == spec.name.lower()
        assert 1 <= len(spec.name) <= 32
        assert 1 <= len(spec.summary) <= 100
        assert len({a.name for a in spec.arguments}) == len(spec.arguments)
        for argument in spec.arguments:
            assert 1 <= len(argument.summary) <= 100
            assert bool(argument.choices) == (argument.takes is Takes.CHOICE)
            assert len(argument.choices) <= 25


@pytest.mark.parametrize("line", ["dance", "trapwise dance", "trapwise dance all night", "TRAPWISE Dance", ""])
async def test_an_unknown_command_shows_help(house: House, line: str) -> None:
    said = words(await house.say(ANA, line))
    assert wording.UNKNOWN_COMMAND in said
    assert "/leaderboard" in said


@pytest.mark.parametrize("line", ["trapwise", "trapwise help", "help", "TRAPWISE  HELP"])
async def test_help(house: House, line: str) -> None:
    said = words(await house.say(ANA, line))
    assert "What you can do here" in said
    assert wording.UNKNOWN_COMMAND not in said
    assert "/trapwise setup" not in said
    assert "/trapwise setup" in words(await house.say(ADMIN, line))


@pytest.mark.parametrize("text", ["x" * 301, "x " * 200, "=", "= =", "week=", "window=never", "\N{ZERO WIDTH SPACE}"])
async def test_arguments_that_make_no_sense_are_answered(house: House, text: str) -> None:
    card = card_of(await house.say(ANA, f"leaderboard {text}"))
    assert card.tone == "refused"
    assert len(card.title) < 300


async def crawl(house: House, actor: Actor, first: list[Reply]) -> set[str]:
    """Press every button there is, and those on the cards that come back; the kinds of tokens that were pressed."""
    assert [fault for reply in first for fault in faults(reply)] == []
    waiting = [token for reply in first for token in tokens_of(reply)]
    pressed: dict[str, None] = {}
    while waiting and len(pressed) < PRESSES:
        token = waiting.pop(0)
        if token in pressed:
            continue
        pressed[token] = None
        read = tokens.read(token)
        assert not isinstance(read, Unreadable), token
        assert tokens.write(read) == token
        if isinstance(read, tokens.Run):
            assert find(read.name) is not None, token
        reply = await house.press(actor, token)
        assert is_answer(reply), token
        assert faults(reply) == [], token
        if isinstance(read, tokens.Run):
            assert "I don't understand" not in words(reply), token
        waiting += tokens_of(reply)
    return {type(tokens.read(token)).__name__ for token in pressed}


@pytest.mark.parametrize("actor", [ADMIN, ANA, replace(ANA, channel=None)], ids=["admin", "member", "direct"])
async def test_every_button_leads_somewhere(actor: Actor, packs: Mapping[str, Pack]) -> None:
    async with open_house(packs=packs) as house:
        await house.schedule()
        for day in range(6):
            round_ = await house.opened(NINE + timedelta(days=day if day < 5 else 7))
            for name in ("Ana", "Ben"):
                wrong = next(o.id for o in round_.item.options if o.id != round_.item.key)
                await house.answer(an_actor(name), round_, wrong if name == "Ana" else round_.item.key)
        replies = [Reply(card=message.card) for message in house.shown()]
        replies += [await house.say(actor, spec.name) for spec in COMMANDS]
        kinds = await crawl(house, actor, replies)
        assert {"AnswerRound", "ExplainRound", "Run", "Report", "Confirm", "AnswerAttempt", "Visit", "Flag"} <= kinds


async def test_buttons_of_another_member_do_nothing_to_me(house: House) -> None:
    ours = [await house.say(ANA, line) for line in ("quiz 3", "review", "exam")]
    held = [token for reply in ours for token in tokens_of(reply)]
    ben = an_actor("Ben")
    for token in held:
        if not isinstance(tokens.read(token), tokens.Run):
            reply = await house.press(ben, token)
            assert is_answer(reply)
            assert card_of(reply).tone == "refused", token


async def test_an_export_in_a_reply_keeps_its_card(house: House) -> None:
    reply = await house.say(ANA, "export-me")
    assert reply.card is not None
    assert len(reply.attachments) == 1
