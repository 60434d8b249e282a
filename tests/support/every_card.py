"""Every card and form that the product can show, seen while it is used from the first greeting to the last goodbye."""

import inspect
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import CodeType, FrameType
from typing import Any

from bot.app.greeting import Arrival, greet
from bot.core.attempt import Sitting
from bot.core.round import Round
from bot.core.schedule import Reveal
from bot.view import admincards, attemptcards, boardcards, homecards, plaincards, roundcards
from bot.view.card import Card, Form
from bot.view.tokens import Confirm, ExplainRound, Report, write
from tests.support.app_house import ADMIN, ANA, BEN, CHANNEL, CLEO, EIGHT, House, open_house, small_pack
from tests.support.sitting_moves import begun, choose, labelled

MODULES = (admincards, attemptcards, boardcards, homecards, plaincards, roundcards)

Seen = dict[str, list[Card | Form]]


def makers() -> dict[CodeType, str]:
    """Every public function of the view that makes a card or form, by its code."""
    found = {}
    for module in MODULES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            returned = function.__annotations__.get("return")
            if function.__module__ == module.__name__ and not name.startswith("_") and returned in (Card, Form):
                found[function.__code__] = name
    return found


@contextmanager
def watching() -> Iterator[Seen]:
    """What these functions return meanwhile, in this thread and in those that are started."""
    wanted = makers()
    seen: Seen = {}

    def note(frame: FrameType, event: str, value: Any) -> None:
        if event == "return" and frame.f_code in wanted and isinstance(value, Card | Form):
            seen.setdefault(wanted[frame.f_code], []).append(value)

    before = sys.getprofile()
    sys.setprofile(note)
    threading.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


async def every_card() -> Seen:
    """Use everything; what was shown, by the name of what made it."""
    with watching() as seen:
        async with open_house(packs={"my-exam": small_pack(40)}) as house:
            await _begin(house)
            await _a_day(house, EIGHT + timedelta(hours=1))
            await _practise(house)
            await _sit_an_exam(house)
            await _look_around(house)
            await _leave(house)
    return seen


async def _begin(house: House) -> None:
    arrival = Arrival(workspace=CHANNEL.workspace, name="acme", joined=EIGHT, channel=CHANNEL)
    assert await greet(house.services, arrival)
    for line in ("status", "setup", "setup Europe/Paris", "help", "no-such-command"):
        await house.say(ADMIN, line)
    form = (await house.say(ADMIN, "setup")).form
    assert form is not None
    values = {field.name: field.value for field in form.inputs}
    faulty = await house.submit(ADMIN, form.token, **values | {"time": ("25:00",), "zone": ("Nowhere",), "days": ()})
    assert faulty.form is not None
    assert (await house.submit(ADMIN, form.token, **values)).card is not None
    await house.trapwise.home(ANA.member)


async def _a_day(house: House, nine: datetime) -> None:
    round_ = await house.opened(nine)
    await _answered(house, round_)
    for line in ("status", "schedule", "pause", "status", "resume", "skip", "post-now", "stats team", "leaderboard"):
        await house.say(ADMIN, line)
    await house.tick(round_.closes)
    await house.answer(CLEO, round_, "a")
    await house.press(CLEO, write(ExplainRound(round_.id, every=False)))
    await house.say(ADMIN, f"schedule reveal={Reveal.AT_CLOSE}")
    await house.say(ADMIN, "pause")
    await house.say(ADMIN, "resume")
    secret = await house.opened(nine + timedelta(days=2))
    await _answered(house, secret)
    await house.tick(secret.closes)


async def _answered(house: House, round_: Round) -> None:
    for actor, option in ((ANA, "a"), (BEN, "b"), (ANA, "b")):
        await house.answer(actor, round_, option)
    await house.press(ANA, write(ExplainRound(round_.id, every=True)))
    await house.press(ANA, write(Report(round_.id)))


async def _practise(house: House) -> None:
    attempt = await begun(house, "quiz 2", Sitting.PRACTICE)
    await choose(house, attempt, 0, right=False)
    await house.say(ANA, "quiz 3")
    finished = await choose(house, attempt, 1)
    await house.press(ANA, labelled(finished, "Finish"))
    for line in ("review", "quiz missed", "quiz here", "quiz trap all-is-red 1"):
        await house.say(ANA, line)


async def _sit_an_exam(house: House) -> None:
    for right in (False, True):
        attempt = await begun(house, "exam", Sitting.EXAM)
        for place in range(3):
            await choose(house, attempt, place, right=right)
        page = await choose(house, attempt, 3)
        asked = await house.press(ANA, labelled(page, "Submit"))
        assert asked.card is not None
        done = await house.press(ANA, labelled(asked.card, "Submit"))
        assert done.card is not None
        missed = [button for row in done.card.rows for button in row if button.label.startswith("Review")]
        await house.press(ANA, missed[0].token)


async def _look_around(house: House) -> None:
    windows = ("", " month", " all", " workspace", " domain=basics")
    lines = ("stats", "traps", "cram", "cram basics", "tip", "settings", "settings hide", "settings reminders-off")
    for line in (*(f"leaderboard{window}" for window in windows), *lines, "privacy", "stats team", "nonsense"):
        await house.say(ANA, line)
    await house.say(BEN, "leaderboard")
    await house.say(CLEO, "review")
    await house.trapwise.home(ANA.member)


async def _leave(house: House) -> None:
    await house.say(ANA, "forget-me")
    await house.press(ANA, write(Confirm("forget-me")))
