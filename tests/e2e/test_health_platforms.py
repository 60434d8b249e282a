"""Readiness follows the connections to the platforms; being alive does not."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot import compose
from bot.adapters.discord import supervisor
from bot.health import Health
from tests.support import wire_slack_methods
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import discord_house
from tests.support.wire_slack_house import HTTP, SOCKET, house


def _health(parts: compose.Running) -> Health:
    assert parts.health is not None
    return parts.health


async def _until(asked: Callable[[], Awaitable[dict[str, Any]]], wanted: Callable[[dict[str, Any]], bool]) -> None:
    """Ask until the report is as it should be."""
    async with asyncio.timeout(40):
        while True:
            if wanted(await asked()):
                return
            await asyncio.sleep(0.02)


async def test_slack_is_ready_again_after_a_cut_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with house(tmp_path, settings=SOCKET) as home:
        health = _health(home.parts)
        await _until(health.readiness, lambda found: found["ok"])
        with monkeypatch.context() as away:
            away.setattr(wire_slack_methods, "APP_TOKEN", "xapp-another")  # no new line is given out
            for socket in list(home.slack.sockets):
                await socket.close()
            await _until(health.readiness, lambda found: found["why"] == ["slack is connecting"])
            report = await health.report()
            assert (report["ok"], report["platforms"]) == (True, {"slack": "connecting"})
        await _until(health.readiness, lambda found: found["ok"])


async def test_slack_over_http_is_ready_once_it_listens(tmp_path: Path) -> None:
    async with house(tmp_path, settings=HTTP) as home:
        assert home.slack.session is not None
        assert home.parts.listener is not None
        async with home.slack.session.get(f"{home.parts.listener.url}/readyz") as answer:
            assert (answer.status, (await answer.json())["platforms"]) == (200, {"slack": "ready"})
        _health(home.parts).stopping = True
        async with home.slack.session.get(f"{home.parts.listener.url}/readyz") as answer:
            assert (answer.status, (await answer.json())["why"]) == (503, ["it is stopping"])
        async with home.slack.session.get(f"{home.parts.listener.url}/healthz") as answer:
            assert answer.status == 200


async def test_discord_is_connecting_then_ready_and_resuming_when_the_line_was_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_WAIT", 0.01)
    discord = await FakeDiscord().start()
    try:
        async with discord_house(tmp_path, discord=discord) as home:
            health = _health(home.parts)
            await _until(health.readiness, lambda found: found["ok"])
            discord.gateway.refuse_upgrades = 3
            discord.gateway.cut()
            await _until(health.readiness, lambda found: not found["ok"])
            assert (await health.report())["ok"]
            discord.gateway.refuse_upgrades = 0
            await _until(health.readiness, lambda found: found["ok"])
    finally:
        await discord.stop()
