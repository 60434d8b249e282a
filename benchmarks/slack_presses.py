"""What a press costs on Slack: a signed request, a durable answer, the acknowledgement and the private feedback."""

import asyncio
import json
import shutil
import time
import urllib.parse
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import aiohttp

from benchmarks.load.platforms import LoadSlack, Waiting
from benchmarks.load.process import Bot, started
from benchmarks.load.teams import SlackTeam
from benchmarks.row import Row, at_least, at_most, faster, ratio
from benchmarks.stopwatch import Stopwatch
from benchmarks.table import Bench
from tests.support.wire_slack import signature
from tests.support.wire_slack_house import HTTP

PRESSES, AT_ONCE, ALONE = 600, 32, 60

OURS = ("-m", "bot", "run")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Server:
    """Something that takes presses."""

    bot: Bot
    url: str


async def rows(bench: Bench) -> list[Row]:
    """Cost against bare Bolt apps, waiting time against Bolt as it comes, and cost with one command."""
    slack = LoadSlack()
    await slack.start()
    team = SlackTeam(slack, bench.pairs + 1, name="slack")
    try:
        (folder := bench.folder / "full").mkdir()
        async with _ours(folder, slack) as server:
            slack.http = server.url
            await team.set_up()
            await team.post_now()
            await server.bot.stop()
        shutil.copytree(folder, bench.folder / "one")
        return await _measured(bench, slack, team)
    finally:
        await slack.stop()


async def _measured(bench: Bench, slack: LoadSlack, team: SlackTeam) -> list[Row]:
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(_ours(bench.folder / "full", slack))
        one = await stack.enter_async_context(
            _ours(bench.folder / "one", slack, arguments=("-m", "benchmarks.one_command"))
        )
        best, kept, plain = [
            await stack.enter_async_context(
                _ours(bench.folder / "full", slack, arguments=("-m", "benchmarks.bare_slack", mode, slack.api))
            )
            for mode in ("best", "kept", "default")
        ]
        session = await stack.enter_async_context(aiohttp.ClientSession())
        people = range(PRESSES)
        for server in (ours, one, best, kept):
            await _cost(slack, session, server, _presses(team, 0, people))
        # Everybody's name is learnt at their first press ever; that is no part of later ones.
        await slack.until(lambda: len(slack.called("users.info")) >= 2 * PRESSES)
        costs: dict[str, list[float]] = {name: [] for name in ("ours", "one", "best", "kept")}
        waits: dict[str, list[float]] = {"ours": [], "plain": []}
        for pair in range(1, bench.pairs + 1):
            for name, server in (("ours", ours), ("best", best), ("kept", kept), ("one", one)):
                costs[name].append(await _cost(slack, session, server, _presses(team, pair, people)))
            alone = range(PRESSES, PRESSES + ALONE)
            waits["ours"].append(await _wait(slack, ours, _presses(team, pair, alone)))
            waits["plain"].append(await _wait(slack, plain, _presses(team, pair, alone), replies=False))
    assert slack.problems == []
    return [
        ratio(
            "Slack: processor time of a press, against a bare Bolt app",
            meaning="Signed request, durable answer, acknowledgement and private feedback, beside a bare app with the "
            "best settings that saves nothing and responds with a constant.",
            ours=costs["ours"],
            baseline=costs["best"],
            unit="us",
            goal=at_most(1.4),
        ),
        ratio(
            "Slack: the same, against a bare Bolt app that keeps its connection for responses",
            meaning="Bolt's own respond() opens a connection each time; this one is written better than that.",
            ours=costs["ours"],
            baseline=costs["kept"],
            unit="us",
            goal=at_most(1.4),
        ),
        faster(
            "Slack: waiting for the acknowledgement, against Bolt's default",
            meaning="One press at a time. Ours is acknowledged when it is on disk; Bolt's does nothing at all.",
            ours=waits["ours"],
            baseline=waits["plain"],
            unit="ms",
            goal=at_least(10),
        ),
        ratio(
            "Slack: processor time of a press with all commands, against one",
            meaning="Bolt walks through its listeners, which makes presses dearer with each command; ours does not.",
            ours=costs["ours"],
            baseline=costs["one"],
            unit="us",
            goal=at_most(1.15),
        ),
    ]


@asynccontextmanager
async def _ours(folder: Path, slack: LoadSlack, *, arguments: Sequence[str] = OURS) -> AsyncIterator[Server]:
    settings = {"SLACK_API_BASE_URL": slack.api, **HTTP}
    async with started(folder, settings, arguments=arguments) as bot:
        await bot.until_said("Slack:")
        yield Server(bot, bot.slack_url())


@dataclass(frozen=True, slots=True)
class Press:
    """A request that is ready to be sent, and the number of its response_url."""

    number: str
    body: bytes


def _presses(team: SlackTeam, channel: int, members: Sequence[int]) -> list[Press]:
    found = []
    for member in members:
        payload = team.payload(channel, member, member)
        body = urllib.parse.urlencode({"payload": json.dumps(payload)}).encode()
        found.append(Press(str(payload["response_url"]).rsplit("/", 1)[1], body))
    return found


async def _cost(slack: LoadSlack, session: aiohttp.ClientSession, server: Server, presses: Sequence[Press]) -> float:
    """Microseconds of the server's processor time per press, `AT_ONCE` at a time."""
    waiting = iter(presses)

    async def work() -> None:
        for press in waiting:
            await _press(slack, session, server, press)

    before = server.bot.cpu()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return (server.bot.cpu() - before) / len(presses) * 1e6


async def _wait(slack: LoadSlack, server: Server, presses: Sequence[Press], *, replies: bool = True) -> float:
    """Milliseconds until the acknowledgement, the median of presses one after the other."""
    took = []
    with closing(Stopwatch.at(server.url)) as watch:
        for press in presses:
            with _awaited(slack, press) as waiting:
                # In a thread, as the server may have something to ask of Slack, which is played on this loop.
                took.append(await asyncio.to_thread(watch.post, press.body, _signed(press)))
                if replies:
                    await asyncio.wait_for(waiting.done, 30)
    return median(took) * 1000


async def _press(slack: LoadSlack, session: aiohttp.ClientSession, server: Server, press: Press) -> None:
    with _awaited(slack, press) as waiting:
        async with session.post(server.url, data=press.body, headers=_signed(press)) as answer:
            await answer.read()
        assert answer.status == 200, answer.status
        await asyncio.wait_for(waiting.done, 30)


@contextmanager
def _awaited(slack: LoadSlack, press: Press) -> Iterator[Waiting]:
    """What tells when the reply to the press is here."""
    waiting = slack.replies[press.number] = Waiting(time.monotonic(), asyncio.get_running_loop().create_future())
    try:
        yield waiting
    finally:
        del slack.replies[press.number]
        slack.urls.pop(press.number, None)


def _signed(press: Press) -> dict[str, str]:
    return {**FORM, **signature(press.body.decode())}
