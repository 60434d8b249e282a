"""Moves of a member in practice, review and exams, for tests that sit them through the product's door."""

import itertools
from functools import cache
from pathlib import Path

from bot.app.actions import Actor
from bot.app.ports import Tx
from bot.app.records import Counts
from bot.core.attempt import Attempt, Sitting
from bot.core.pack import Pack
from bot.core.refs import AttemptId
from bot.packs.loader import load_pack
from bot.view.card import Card
from bot.view.tokens import AnswerAttempt, Submit, Visit, write
from tests.support.app_house import ANA, House, buttons, card_of

CONTENT = Path(__file__).parents[2] / "content"
REAL = "databricks-ml-associate"


@cache
def real_pack() -> Pack:
    """The pack that ships, loaded once for all tests that sit it."""
    return load_pack(CONTENT / REAL)


async def attempts_of(house: House, actor: Actor = ANA) -> list[Attempt]:
    """Everything the member ever began, oldest first."""
    workspace, _ = await house.ids()

    def find(tx: Tx) -> list[Attempt]:
        member, found = tx.people.look_up(actor.member), []
        # Keys of a fresh database count up from 1 over all its members.
        for key in itertools.count(1):
            attempt = tx.attempts.get(workspace, AttemptId(key))
            if attempt is None or member is None:
                break
            found += [attempt] if attempt.member == member.id else []
        return found

    return await house.look(find)


async def open_attempt(house: House, sitting: Sitting, actor: Actor = ANA) -> Attempt | None:
    """The member's open attempt of this kind."""
    workspace, _ = await house.ids()

    def find(tx: Tx) -> Attempt | None:
        member = tx.people.look_up(actor.member)
        return tx.attempts.open_of(workspace, member.id, sitting) if member else None

    return await house.look(find)


async def begun(house: House, line: str, sitting: Sitting, actor: Actor = ANA) -> Attempt:
    """Give the command that begins an attempt; the attempt."""
    await house.say(actor, line)
    attempt = await open_attempt(house, sitting, actor)
    assert attempt is not None
    return attempt


def key_letter(attempt: Attempt, place: int) -> str:
    """The letter of the right option at a place."""
    return attempt.letter(place, attempt.places[place].item.key)


def wrong_letter(attempt: Attempt, place: int) -> str:
    """The letter of the first option shown that is not right."""
    return next(letter for letter in "ABCDE" if letter != key_letter(attempt, place))


async def choose(house: House, attempt: Attempt, place: int, *, right: bool = True, actor: Actor = ANA) -> Card:
    """Answer at a place of an attempt."""
    letter = key_letter(attempt, place) if right else wrong_letter(attempt, place)
    return card_of(await house.press(actor, write(AnswerAttempt(attempt.id, place, letter))))


async def sit(house: House, attempt: Attempt, right: int, actor: Actor = ANA) -> Card:
    """Answer the whole attempt, the first `right` places rightly, and end it; the last card."""
    for place in range(attempt.length):
        await choose(house, attempt, place, right=place < right, actor=actor)
    if attempt.sitting is Sitting.EXAM:
        return card_of(await house.press(actor, write(Submit(attempt.id, sure=True))))
    return card_of(await house.press(actor, write(Visit(attempt.id, attempt.length))))


def labelled(card: Card, label: str) -> str:
    """The token of the button with this label."""
    return next(button.token for button in buttons(card) if button.label.startswith(label))


async def ranks(house: House) -> Counts:
    """All points, places and streaks as kept."""
    counts = await house.storage.maintain(lambda _, upkeep: upkeep.counts())
    return {table: counts[table] for table in ("standings",)}
