"""Installations at rest: sealed, found again, and opened with an old key while a new one takes over."""

import base64

import pytest

from bot.adapters.slack.installing import States
from bot.adapters.slack.vault import Vault
from bot.adapters.slack.workspaces import Grant
from bot.core.errors import SettingsError, StorageBroken
from storage import OpenStorage
from tests.support.builders import SettableClock

OLD, NEW = (base64.urlsafe_b64encode(sign * 32).decode() for sign in (b"o", b"n"))
GRANT = Grant(token="xoxb-secret", team="T1", team_name="Acme", scopes=frozenset({"commands"}), installer="U1")


async def test_a_grant_is_found_as_it_was(storage: OpenStorage, clock: SettableClock) -> None:
    vault = Vault(storage, clock, OLD)
    await vault.save(GRANT)
    assert await vault.find("T1", "") == GRANT
    assert await vault.find("T2", "") is None
    sealed = await storage.read(lambda tx: tx.installations.get("T1"))
    assert sealed is not None
    assert "xoxb" not in sealed


async def test_keys_can_be_changed(storage: OpenStorage, clock: SettableClock) -> None:
    await Vault(storage, clock, OLD).save(GRANT)
    both = Vault(storage, clock, f"{NEW}, {OLD}")
    assert await both.find("T1", "") == GRANT
    await both.save(GRANT)
    assert await Vault(storage, clock, NEW).find("T1", "") == GRANT
    with pytest.raises(StorageBroken, match="SLACK_ENCRYPTION_KEY"):
        await Vault(storage, clock, OLD).find("T1", "")


@pytest.mark.parametrize("keys", ["short", "", " , "])
def test_what_is_no_key_is_refused(storage: OpenStorage, clock: SettableClock, keys: str) -> None:
    with pytest.raises(SettingsError, match="SLACK_ENCRYPTION_KEY"):
        Vault(storage, clock, keys)


async def test_an_organisations_grant_serves_its_workspaces(storage: OpenStorage, clock: SettableClock) -> None:
    vault = Vault(storage, clock, OLD)
    org = Grant(token="xoxb-org", enterprise="E1")
    await vault.save(org)
    assert await vault.find("T5", "") is None
    assert await vault.find("T5", "E1") == org
    await vault.join("T5", "E1")
    assert await vault.find("T5", "") == org
    assert await vault.delete("T5", "") == ("T5",)
    assert await vault.find("T5", "E1") is None
    assert await vault.delete("T5", "E1") == ()


async def test_a_workspaces_own_grant_goes_before_its_organisations(storage: OpenStorage, clock: SettableClock) -> None:
    vault = Vault(storage, clock, OLD)
    await vault.save(Grant(token="xoxb-org", enterprise="E1"))
    await vault.save(GRANT)
    assert await vault.find("T1", "E1") == GRANT
    assert await vault.delete("T1", "E1") == ("T1",)
    assert await vault.find("T9", "E1") is not None


async def test_a_state_is_good_once_and_for_a_while(storage: OpenStorage, clock: SettableClock) -> None:
    states = States(storage, clock)
    first, second = await states.async_issue(), await states.async_issue()
    assert await states.async_consume(first)
    assert not await states.async_consume(first)
    assert not await states.async_consume("made up")
    clock.advance(minutes=11)
    assert not await states.async_consume(second)
