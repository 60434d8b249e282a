"""A team's day in Slack, end to end: real Bolt and real sockets against the local Slack."""

import asyncio
from pathlib import Path

import pytest

from tests.support.wire_slack import APP_TOKEN, CLIENT_SECRET, FakeSlack
from tests.support.wire_slack_house import HTTP, MANY, SOCKET, house, process
from tests.support.wire_slack_members import Hands, labels
from tests.support.wire_slack_oauth import install, offer

BOTH = pytest.mark.parametrize("settings", [SOCKET, HTTP], ids=["socket", "http"])


@BOTH
async def test_a_day(tmp_path: Path, settings: dict[str, str]) -> None:
    async with house(tmp_path, settings=settings) as home:
        slack, hands, channel = home.slack, home.hands, home.channel
        await home.set_up(time="10:00", zone="UTC")
        assert "Ana" in channel.newest["text"] or "ana" in channel.newest["text"]
        home.clock.advance(hours=1)
        await home.tick()
        post = channel.newest
        assert labels(post) == ["A", "B", "C", "D"]
        assert len(channel.messages) == 2
        members = [slack.user(f"U{n}", f"Member {n}") for n in range(1, 31)]
        for number, member in enumerate(members):
            ack = await hands.press(member, post, "ABCD"[number % 4])
            assert ack.seconds < 1.5
        await slack.until(lambda: all(len(member.sees) == 1 for member in members))
        verdicts = [member.sees[0]["text"].split(".")[0] for member in members]
        assert sum(said.startswith("Right") for said in verdicts) in (7, 8)
        again = members[0]
        await hands.press(again, post, "B")
        seen = await slack.until(lambda: again.sees[1:])
        assert "You already chose A" in seen[0]["text"]
        await slack.until(lambda: "30 people have answered" in post["text"])
        home.clock.advance(hours=8)
        await home.tick()
        assert "closed" in post["text"]
        assert "the answer" in post["text"]
        assert len(channel.messages) == 2
        await hands.command(again, channel, "/leaderboard")
        board = (await slack.until(lambda: again.sees[2:]))[0]
        assert "Member" in board["text"]
        assert "Points" in board["text"]


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
@pytest.mark.parametrize("settings", [SOCKET, MANY], ids=["socket", "oauth"])
async def test_as_a_process(tmp_path: Path, settings: dict[str, str]) -> None:
    slack = await FakeSlack().start()
    hands = Hands(slack)
    admin, channel = slack.user("U0", "Ana", admin=True), slack.channel("C1", "exam-prep")
    try:
        async with process(tmp_path, slack, settings) as bot:
            if settings is MANY:
                offer(slack, "code", "T1")
                assert (await install(slack, "code"))[0] == 200
            await hands.command(admin, channel, "/trapwise setup")
            view = (await slack.until(lambda: admin.views))[0]
            await hands.submit(admin, view)
            await slack.until(lambda: channel.messages)
            await hands.command(admin, channel, "/trapwise post-now")
            await slack.until(lambda: labels(channel.newest) == ["A", "B", "C", "D"])
            members = [slack.user(f"U{n}", f"Member {n}") for n in range(1, 31)]
            post = channel.newest
            await asyncio.gather(*(hands.press(one, post, "ABCD"[n % 4]) for n, one in enumerate(members)))
            await slack.until(lambda: all(one.sees for one in members))
            await slack.until(lambda: "30 people have answered" in post["text"])
            ben = members[0]
            await hands.open_home(ben)
            await slack.until(lambda: "You chose A" in str(ben.home))
            await hands.command(ben, channel, "/leaderboard")
            await slack.until(lambda: "Points" in ben.sees[-1]["text"])
            await hands.command(ben, channel, "/exam")
            await slack.until(lambda: slack.direct(ben).messages)
            assert "question 1 of 45" in slack.direct(ben).newest["text"]
            await hands.event("T1", {"type": "app_uninstalled"})
            await hands.command(admin, channel, "/trapwise status")
            assert await bot.stop() == 0, bot.log
            assert not [token for token in (*slack.grants, APP_TOKEN, CLIENT_SECRET) if token in bot.log]
        assert slack.problems == []
    finally:
        await slack.stop()


async def test_slack_checks_the_address(tmp_path: Path) -> None:
    async with house(tmp_path, settings=HTTP) as home:
        ack = await home.slack.send("events_api", {"type": "url_verification", "challenge": "c", "token": "t"})
        assert ack.payload == {"challenge": "c"}
