"""A team's day in Slack, end to end: real Bolt and real sockets against the local Slack."""

from pathlib import Path

import pytest

from tests.support.wire_slack_house import HTTP, SOCKET, house
from tests.support.wire_slack_members import labels

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


async def test_slack_checks_the_address(tmp_path: Path) -> None:
    async with house(tmp_path, settings=HTTP) as home:
        ack = await home.slack.send("events_api", {"type": "url_verification", "challenge": "c", "token": "t"})
        assert ack.payload == {"challenge": "c"}
