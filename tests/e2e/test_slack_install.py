"""Installing by link, being removed, tokens that run out: many workspaces over signed HTTP."""

import sqlite3
import time
import urllib.parse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.wire_slack import FakeSlack, signature
from tests.support.wire_slack_house import MANY, House, house
from tests.support.wire_slack_oauth import install, offer, offer_to_organisation

# slack_sdk still uses what aiohttp has deprecated; it works.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


async def use(home: House, team: str) -> str:
    """Set a channel of the workspace up and let its question be posted; the channel's id."""
    admin = home.slack.user(f"UA{team}", f"Admin {team}", admin=True, team=team)
    channel = home.slack.channel(f"C{team}", "exam-prep", team=team)
    await home.hands.command(admin, channel, "/trapwise setup")
    view = (await home.slack.until(lambda: admin.views))[0]
    await home.hands.submit(admin, view)
    await home.slack.until(lambda: channel.messages)
    await home.hands.command(admin, channel, "/trapwise post-now")
    await home.slack.until(lambda: len(channel.messages) == 2)
    return channel.id


async def test_two_workspaces_install_and_one_leaves(tmp_path: Path) -> None:
    async with house(tmp_path, settings=MANY) as home:
        tokens = {team: offer(home.slack, f"code-{team}", team) for team in ("T1", "T2")}
        for team in tokens:
            status, _ = await install(home.slack, f"code-{team}")
            assert status == 200
            await use(home, team)
        stored = (tmp_path / "trapwise.db").read_bytes() + (tmp_path / "trapwise.db-wal").read_bytes()
        assert not any(token.encode() in stored for token in tokens.values())
        await home.hands.event("T1", {"type": "app_uninstalled"})
        await home.hands.event("T1", {"type": "tokens_revoked", "tokens": {"bot": ["UBOTT1"]}})
        home.slack.grants[tokens["T1"]].revoked = "account_inactive"
        assert owners(tmp_path) == ["T2"]
        home.clock.advance(days=1)
        await home.tick()
        assert len(home.slack.channels["CT1"].messages) == 2
        assert len(home.slack.channels["CT2"].messages) == 3


@pytest.mark.parametrize("error", ["account_inactive", "token_revoked"])
async def test_a_workspace_that_disappears_without_a_word(tmp_path: Path, error: str) -> None:
    async with house(tmp_path, settings=MANY) as home:
        tokens = {team: offer(home.slack, f"code-{team}", team) for team in ("T1", "T2")}
        for team in tokens:
            await install(home.slack, f"code-{team}")
            await use(home, team)
        home.slack.grants[tokens["T1"]].revoked = error
        home.clock.advance(days=1)
        await home.tick()
        assert owners(tmp_path) == ["T2"]
        assert [len(home.slack.channels[f"C{team}"].messages) for team in tokens] == [2, 3]
        asked = len(home.slack.calls)
        home.clock.advance(days=1)
        await home.tick()
        assert [len(home.slack.channels[f"C{team}"].messages) for team in tokens] == [2, 4]
        assert "CT1" not in [call.get("channel") for _, call in home.slack.calls[asked:]]
        assert not home.slack.direct(home.slack.users["UAT2"]).messages


async def test_a_state_is_good_for_one_browser_and_once(tmp_path: Path) -> None:
    async with house(tmp_path, settings=MANY) as home:
        offer(home.slack, "good", "T1")
        assert (await install(home.slack, "good", cookie=False))[0] == 400
        assert (await install(home.slack, "good", state="made-up"))[0] == 400
        assert owners(tmp_path) == []
        home.slack.codes.pop("good")
        assert (await install(home.slack, "good"))[0] == 401


async def test_a_token_is_refreshed_for_a_scheduled_post(tmp_path: Path) -> None:
    async with house(tmp_path, settings=MANY) as home:
        first = offer(home.slack, "c1", "T1", refresh_token="refresh-1", expires_in=12 * 3600)
        # The SDK reckons a new token's end by the machine's clock.
        home.clock.set(datetime.now(UTC))
        await install(home.slack, "c1")
        await use(home, "T1")
        second = offer(home.slack, "refresh-1", "T1", refresh_token="refresh-2", expires_in=12 * 3600)
        home.clock.set(
            max(home.clock.now(), type(home.clock.now()).fromtimestamp(time.time(), home.clock.now().tzinfo))
        )
        today = home.clock.now()
        monday = (today + timedelta(days=8 - today.weekday())).replace(hour=10) - timedelta(days=1)
        home.clock.set(monday if monday > today + timedelta(hours=12) else monday + timedelta(days=7))
        home.slack.grants[first].revoked = "token_expired"
        await home.tick()
        assert [call.get("refresh_token") for call in home.slack.called("oauth.v2.access")][1:] == ["refresh-1"]
        assert second in home.slack.grants


async def test_a_key_that_does_not_fit_is_said(tmp_path: Path) -> None:
    from bot.core.errors import SettingsError

    with pytest.raises(SettingsError, match="SLACK_ENCRYPTION_KEY"):
        async with house(tmp_path, settings={**MANY, "SLACK_ENCRYPTION_KEY": "not a key at all"}):
            pass


@pytest.mark.parametrize(
    ("why", "headers"),
    [
        ("wrong", lambda body: signature(body, secret="another")),
        ("old", lambda body: signature(body, at=time.time() - 600)),
        ("none", lambda body: {"X-Slack-Signature": "", "X-Slack-Request-Timestamp": ""}),
    ],
)
async def test_unsigned_requests_are_refused(tmp_path: Path, why: str, headers: Any) -> None:
    async with house(tmp_path, settings=MANY) as home, aiohttp.ClientSession() as client:
        body = urllib.parse.urlencode({"command": "/stats", "team_id": "T1", "user_id": "U0", "channel_id": "C1"})
        sent = {"Content-Type": "application/x-www-form-urlencoded", **headers(body)}
        async with client.post(home.slack.http, data=body, headers=sent) as answer:
            assert answer.status == 401, why


def owners(folder: Path) -> list[str]:
    """Whose tokens are stored."""
    db = sqlite3.connect(f"file:{folder / 'trapwise.db'}?mode=ro", uri=True)
    try:
        return [owner for (owner,) in db.execute("SELECT owner FROM slack_installations ORDER BY owner")]
    finally:
        db.close()


async def test_an_organisation_installs_for_all_of_its_workspaces(tmp_path: Path) -> None:
    async with house(tmp_path, settings=MANY) as home:
        offer_to_organisation(home.slack)
        assert (await install(home.slack, "org"))[0] == 200
        assert owners(tmp_path) == ["E1"]
        home.hands.enterprise = "E1"
        channel = await use(home, "T5")
        home.clock.advance(days=1)
        await home.tick()
        assert len(home.slack.channels[channel].messages) == 3
        await home.hands.event("T5", {"type": "app_uninstalled"})
        assert owners(tmp_path) == []


async def test_an_organisations_workspace_is_known_after_a_restart(tmp_path: Path) -> None:
    slack = await FakeSlack().start()
    try:
        async with house(tmp_path, settings=MANY, slack=slack) as home:
            offer_to_organisation(slack)
            await install(home.slack, "org")
            home.hands.enterprise = "E1"
            channel = await use(home, "T5")
        async with house(tmp_path, settings=MANY, slack=slack) as home:
            home.clock.advance(days=1)
            await home.tick()
            assert len(slack.channels[channel].messages) == 3
    finally:
        await slack.stop()


async def test_workspaces_that_left_are_deleted_after_the_stated_time(tmp_path: Path) -> None:
    slack = await FakeSlack().start()
    try:
        async with house(tmp_path, settings=MANY, slack=slack) as home:
            offer(slack, "c1", "T1")
            await install(home.slack, "c1")
            await use(home, "T1")
            await home.hands.event("T1", {"type": "app_uninstalled"})
            left = home.clock.now()
        async with house(tmp_path, settings=MANY, slack=slack, now=left + timedelta(days=29)) as home:
            await cleared(home)
        assert workspaces(tmp_path) == 1
        async with house(tmp_path, settings=MANY, slack=slack, now=left + timedelta(days=31)) as home:
            await cleared(home)
            assert workspaces(tmp_path) == 0
    finally:
        await slack.stop()


async def cleared(home: House) -> None:
    """What was to be cleared out at the start has been: writes are carried out in the order they come."""
    for _ in range(20):
        await home.parts.storage.write(lambda tx: None)


def workspaces(folder: Path) -> int:
    """How many workspaces there are anything about."""
    db = sqlite3.connect(f"file:{folder / 'trapwise.db'}?mode=ro", uri=True)
    try:
        (count,) = db.execute("SELECT count(*) FROM workspaces").fetchone()
        return int(count)
    finally:
        db.close()
