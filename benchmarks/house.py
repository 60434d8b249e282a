"""The whole product on a database file, with one channel and an open round, for benchmarks to press its buttons."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.app.actions import Actor, Press
from bot.compose import LOCAL, LOCAL_CHANNEL, Running, running
from bot.config import Settings, Web
from bot.core.refs import MemberRef
from bot.view.card import Button


@asynccontextmanager
async def house(database: Path) -> AsyncIterator[Running]:
    """Everything but the web server's visitors."""
    async with running(Settings(database=str(database), web=Web.ON, web_port=0, zone="UTC")) as parts:
        yield parts


def member(number: int) -> Actor:
    """A made-up member of the local channel."""
    return Actor(member=MemberRef(LOCAL, f"m{number}"), name=f"Member {number}", channel=LOCAL_CHANNEL)


async def letters(parts: Running) -> tuple[Button, ...]:
    """The answer buttons of the newest question."""
    page = await parts.trapwise.channel(LOCAL_CHANNEL, viewer=None)
    return page.posts[0].card.rows[0]


async def press_all(parts: Running, people: Sequence[int], *, at_once: int) -> float:
    """Everybody answers the newest question, `at_once` at a time; seconds it took."""
    buttons = await letters(parts)
    began = time.perf_counter()
    for first in range(0, len(people), at_once):
        await asyncio.gather(
            *(
                parts.trapwise.press(Press(actor=member(n), token=buttons[n % len(buttons)].token))
                for n in people[first : first + at_once]
            )
        )
    return time.perf_counter() - began
