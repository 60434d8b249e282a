"""The Home tab: where the member stands, and buttons for what they may want next.

https://docs.slack.dev/surfaces/app-home: it is published for one member at a time, and shows what was published last.
"""

import asyncio
import hashlib
import json
import logging
from collections import OrderedDict

from bot.adapters.slack import blocks, controls, limits, render, wording
from bot.adapters.slack.answers import Answers
from bot.adapters.slack.inbound import Origin
from bot.adapters.slack.spans import Json, safe_url
from bot.adapters.slack.tasks import Tasks
from bot.app.commands import COMMANDS
from bot.app.dispatch import Trapwise
from bot.core.errors import TrapwiseError
from bot.view import tokens
from bot.view.card import Button, Card, Link, Text

SETTLES = 1.0
"""Seconds to wait for further changes before the tab is published anew."""

STIRRED = 100
"""How many of the tabs that were opened last follow a question: a call each, and only where it shows something new.
Slack doesn't say when a tab is left, but each is published anew when it is opened."""

_KEPT = 5_000

_log = logging.getLogger(__name__)


class Homes:
    """Publishes Home tabs: when one is opened, and again when something in it may have changed."""

    def __init__(
        self, trapwise: Trapwise, answers: Answers, tasks: Tasks, *, support_url: str, privacy_url: str
    ) -> None:
        self._trapwise, self._answers, self._tasks = trapwise, answers, tasks
        self._links = (("Help", support_url), ("Privacy policy", privacy_url))
        self._open: OrderedDict[tuple[str, str], Origin] = OrderedDict()
        self._shown: dict[tuple[str, str], str] = {}
        self._coming: set[tuple[str, str]] = set()

    async def opened(self, origin: Origin) -> None:
        """The member looks at the tab now."""
        key = (origin.workspace, origin.member)
        self._open[key] = origin
        self._open.move_to_end(key)
        while len(self._open) > _KEPT:
            gone, _ = self._open.popitem(last=False)
            self._shown.pop(gone, None)
        self._shown.pop(key, None)
        await self._publish(key)

    def changed(self, origin: Origin) -> None:
        """Something of the member changed; their tab follows if they have looked at it since we started."""
        key = (origin.workspace, origin.member)
        if key in self._open and key not in self._coming:
            self._coming.add(key)
            self._tasks.start(self._soon(key), name="slack home")

    def stirred(self, workspace: str) -> None:
        """A question was opened or closed there; the tabs follow that may still be looked at."""
        recent = list(self._open.items())[-STIRRED:]
        for (place, _), origin in recent:
            if place == workspace:
                self.changed(origin)

    async def _soon(self, key: tuple[str, str]) -> None:
        await asyncio.sleep(SETTLES)
        self._coming.discard(key)
        await self._publish(key)

    async def _publish(self, key: tuple[str, str]) -> None:
        origin = self._open[key]
        try:
            found = await self._draw(origin)
        except TrapwiseError as error:
            _log.warning("a Home tab could not be drawn: %s", error)
            return
        mark = hashlib.sha256(json.dumps(found).encode()).hexdigest()
        if self._shown.get(key) != mark:
            self._shown[key] = mark
            await self._answers.publish_home(found, origin)

    async def _draw(self, origin: Origin) -> list[Json]:
        found: list[Json] = []
        for card in await self._trapwise.home(origin.actor().member):
            found += render.card_blocks(card)
        ways = _ways(self._links)
        return [*found[: limits.BLOCKS_VIEW - len(ways)], *ways]


def _ways(links: tuple[tuple[str, str], ...]) -> list[Json]:
    """Buttons for every command that is common enough to have a name of its own, and the links."""
    names = [spec.name for spec in COMMANDS if not spec.grouped] + ["settings", "privacy", "help"]
    buttons = tuple(
        Button(label=name.replace("-", " ").capitalize(), token=tokens.write(tokens.Run(name))) for name in names
    )
    # Who manages is asked when it is pressed: asking whenever somebody looks would be a call each time.
    buttons = (*buttons, Button(label=wording.SET_UP, token=tokens.write(tokens.Run("setup"))))
    rows = tuple(buttons[start : start + 5] for start in range(0, len(buttons), 5))
    found = [{"type": "divider"}, *controls.rows(Card(title=wording.HOME_TITLE, rows=rows))]
    line = tuple(
        span
        for number, (label, url) in enumerate((label, url) for label, url in links if safe_url(url))
        for span in ((Text(" · "), Link(label, url)) if number else (Link(label, url),))
    )
    return [*found, blocks.footer((Text(wording.HOW_TO_BEGIN),)), *([blocks.footer(line)] if line else [])]
