"""A platform in trouble for an hour: the bot lives, the others don't notice, nothing is lost or posted twice."""

import inspect
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from tests.support.outage_house import CLOSES, DAY, NINE, Everything, OnDiscord, Place, everything, hurried
from tests.support.outage_line import Line, http

__all__ = ["hurried"]

pytestmark = pytest.mark.usefixtures("hurried")

PLATFORMS = pytest.mark.parametrize("platform", ["discord", "slack"])
LATER = (1, 2, 3, 8, 17, 18)
"""Minutes after an outage at which the alarm goes off."""

LIMITED = b'{"ok": false, "error": "ratelimited", "message": "slow", "retry_after": 600.0, "global": true}'
HTML = b"<!doctype html><title>Bad gateway</title><h1>Back soon</h1>"

CERTAIN: dict[str, Callable[[Line], object]] = {
    "refused": lambda line: line.away(),
    "too many requests": lambda line: line.say(
        http("429 Too Many Requests", LIMITED, Via="1.1 google", Retry_After="600")
    ),
}
"""Troubles in which nothing can have been posted."""

OPEN: dict[str, Callable[[Line], object]] = {
    "server errors": lambda line: line.say(http("500 Internal Server Error", b'{"message": "oops", "code": 0}')),
    "a page of HTML": lambda line: line.say(http("200 OK", HTML, kind="text/html")),
    "HTML said to be JSON": lambda line: line.say(http("200 OK", HTML)),
    "half an answer": lambda line: line.say(http("200 OK", b'{"id": "12', length=900)),
    "JSON cut short": lambda line: line.say(http("200 OK", b'{"id": "12')),
    "nothing at all": lambda line: line.say(http("200 OK", b"")),
    "the wrong kind of answer": lambda line: line.say(http("200 OK", b"[1, 2]")),
    "no HTTP": lambda line: line.say(b"220 mail.example ESMTP\r\n"),
    "silence": lambda line: line.hold(),
}
"""Troubles in which nobody knows whether a request was carried out."""


async def begin(all_: Everything, place: Place, trouble: Callable[[Line], object]) -> None:
    """Let a platform get into trouble just before nine."""
    await all_.tick(NINE - timedelta(minutes=1))
    for line in lines(place):
        done = trouble(line)
        if inspect.isawaitable(done):
            await done


def lines(place: Place) -> list[Line]:
    """All that a platform is reached by."""
    return [place.line, place.gateway] if isinstance(place, OnDiscord) else [place.line]


async def mended(place: Place) -> None:
    """Mend it, and wait until members reach the bot again."""
    for line in lines(place):
        await line.mend()
    await place.back()


async def recovered(all_: Everything, place: Place, since_nine: int = 60) -> None:
    """Mend it, and let some minutes pass."""
    await mended(place)
    for minutes in LATER:
        await all_.tick(NINE + timedelta(minutes=since_nine + minutes))


async def nobody_else_noticed(all_: Everything, platform: str) -> None:
    """The other platforms had their question in time, and take answers; the web space too."""
    for other in all_.others(platform):
        assert len(other.posts) == 1
        assert "B" in await other.press("B")
    assert all_.parts.web is not None
    async with aiohttp.ClientSession() as session, session.get(f"{all_.parts.web.url}/healthz") as answer:
        assert answer.status == 200
        assert (await answer.json())["ok"] is True


async def is_said(all_: Everything, platform: str, *, unready: bool = True) -> None:
    """The report on health says what doesn't work, `unready` that the connection isn't well either."""
    report = await all_.report()
    assert report["ok"] is True, "a restart would mend nothing"
    assert report["outbox"]["waiting"] >= 1
    assert report["outbox"]["oldest_seconds"] >= 3600
    assert all_.parts.health is not None
    ready = await all_.parts.health.readiness()
    assert (ready["ok"], platform in str(ready["why"])) == (not unready, unready)


@PLATFORMS
@pytest.mark.parametrize("trouble", CERTAIN)
async def test_an_hour_in_which_nothing_is_taken_makes_the_question_late(
    tmp_path: Path, platform: str, trouble: str
) -> None:
    async with everything(tmp_path) as all_:
        place = all_.place(platform)
        await begin(all_, place, CERTAIN[trouble])
        await all_.hour(NINE)
        assert place.posts == []
        await nobody_else_noticed(all_, platform)
        # Somebody who is told to wait is connected all the same.
        await is_said(all_, platform, unready=trouble == "refused")
        await recovered(all_, place)
        [post] = place.posts
        assert "No answer yet" in post
        assert "B" in await place.press("B")
        await all_.tick(CLOSES)
        assert ["closed" in post for post in place.posts] == [True]
        assert place.told == []


@pytest.mark.parametrize("trouble", OPEN)
async def test_an_hour_of_answers_that_say_nothing_on_discord(tmp_path: Path, trouble: str) -> None:
    """Discord can be asked afterwards what arrived."""
    async with everything(tmp_path) as all_:
        place = all_.discord
        await begin(all_, place, OPEN[trouble])
        await all_.hour(NINE)
        assert place.posts == []
        await nobody_else_noticed(all_, "discord")
        await is_said(all_, "discord")
        await recovered(all_, place)
        assert len(place.posts) == 1
        assert "B" in await place.press("B")
        await all_.tick(CLOSES)
        assert ["closed" in post for post in place.posts] == [True]
        assert place.told == []


@pytest.mark.parametrize("trouble", OPEN)
async def test_an_hour_of_answers_that_say_nothing_on_slack(tmp_path: Path, trouble: str) -> None:
    """Slack can't be asked, so whoever set the channel up decides."""
    async with everything(tmp_path) as all_:
        place = all_.slack
        await begin(all_, place, OPEN[trouble])
        await all_.hour(NINE)
        assert place.posts == []
        await nobody_else_noticed(all_, "slack")
        await recovered(all_, place)
        assert place.posts == []
        assert ["can't tell whether it arrived" in sentence for sentence in place.told] == [True]
        await place.hands.command(place.admin, place.channel, "/trapwise post-now")
        await place.fake.until(lambda: place.posts)
        assert len(place.posts) == 1
        await all_.tick(CLOSES + timedelta(hours=2))
        assert ["closed" in post for post in place.posts] == [True]


@PLATFORMS
async def test_an_outage_over_a_whole_day_skips_its_question_and_is_told_once(tmp_path: Path, platform: str) -> None:
    async with everything(tmp_path) as all_:
        place = all_.place(platform)
        await begin(all_, place, CERTAIN["refused"])
        for day in range(2):
            for hour in (0, 1, 4, 8, 9):
                await all_.tick(NINE + day * DAY + timedelta(hours=hour))
        await mended(place)
        for minutes in LATER:
            await all_.tick(NINE + 2 * DAY + timedelta(minutes=minutes))
        assert len(place.posts) == 1
        assert ["couldn't post the question of Mon 24 Nov" in sentence for sentence in place.told] == [True]
        assert [len(other.posts) for other in all_.others(platform)] == [3]


@PLATFORMS
async def test_what_is_due_to_be_revealed_meanwhile_is_revealed_afterwards(tmp_path: Path, platform: str) -> None:
    async with everything(tmp_path) as all_:
        place = all_.place(platform)
        await all_.tick(NINE)
        assert "B" in await place.press("B")
        await all_.tick(CLOSES - timedelta(minutes=30))
        for line in lines(place):
            await line.away()
        await all_.hour(CLOSES - timedelta(minutes=30))
        assert ["closed" in post for post in place.posts] == [False]
        await mended(place)
        for minutes in LATER:
            await all_.tick(CLOSES + timedelta(minutes=30 + minutes))
        assert ["closed" in post for post in place.posts] == [True]
        assert "1 answered" in place.posts[0]
