"""What Slack refuses, in our own terms."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.adapters.slack.failures import understood
from bot.adapters.slack.settings import SlackSettings, check
from bot.core.errors import (
    CardRefused,
    ChannelRefused,
    MessengerError,
    PlatformDown,
    PostUncertain,
    RateLimited,
    SettingsError,
)


class Response(dict[str, Any]):
    """As much of an answer as is looked at."""

    def __init__(self, error: str = "", status: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__({"ok": False, "error": error} if error else {})
        self.status_code, self.headers = status, headers or {}


def refused(error: str = "", status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    return SlackApiError("refused", Response(error, status, headers))  # type: ignore[no-untyped-call]  # the SDK's


@pytest.mark.parametrize(
    ("error", "posting", "meant"),
    [
        (refused("not_in_channel"), True, ChannelRefused),
        (refused("is_archived"), False, ChannelRefused),
        (refused("token_revoked"), True, ChannelRefused),
        (refused("internal_error"), True, PostUncertain),
        (refused("internal_error"), False, PlatformDown),
        (refused("", 502), True, PostUncertain),
        (refused("something_new"), True, PlatformDown),
        (refused("invalid_blocks"), True, CardRefused),
        (refused("invalid_blocks"), False, CardRefused),
        (refused("ratelimited", 429, {"Retry-After": "7"}), True, RateLimited),
        (aiohttp.ServerDisconnectedError(), True, PostUncertain),
        (aiohttp.ServerDisconnectedError(), False, PlatformDown),
        (TimeoutError(), True, PostUncertain),
        (ConnectionResetError(), True, PostUncertain),
    ],
)
def test_each_failure(error: Exception, posting: bool, meant: type[MessengerError]) -> None:
    assert type(understood(error, posting=posting)) is meant


@pytest.mark.parametrize(("given", "seconds"), [("7", 7.0), ("0", 1.0), ("soon", 30.0)])
def test_how_long_to_wait(given: str, seconds: float) -> None:
    found = understood(refused("ratelimited", 429, {"retry-after": given}), posting=True)
    assert isinstance(found, RateLimited)
    assert found.retry_after == seconds


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({}, ["SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_ENCRYPTION_KEY"]),
        ({"app_token": "xapp-1"}, ["SLACK_BOT_TOKEN"]),
        ({"app_token": "xapp-1", "bot_token": "xoxb-1", "client_id": "1"}, ["SLACK_APP_TOKEN"]),
        ({"bot_token": "abc", "signing_secret": "s"}, ["SLACK_BOT_TOKEN"]),
        ({"bot_token": "xoxb-1", "signing_secret": "s", "public_url": "quiz"}, ["SLACK_PUBLIC_URL"]),
    ],
)
def test_settings_that_cannot_work(values: dict[str, str], named: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        check(SlackSettings(**values))  # type: ignore[arg-type]  # strings only
    for name in named:
        assert name in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"app_token": "xapp-1", "bot_token": "xoxb-1"},
        {"bot_token": "xoxb-1", "signing_secret": "s"},
        {"signing_secret": "s", "client_id": "1", "client_secret": "c", "encryption_key": "k"},
    ],
)
def test_settings_that_can(values: dict[str, str]) -> None:
    check(SlackSettings(**values))  # type: ignore[arg-type]  # strings only


def test_secrets_are_not_shown() -> None:
    shown = repr(SlackSettings(bot_token="xoxb-1", app_token="xapp-1", client_secret="cs", encryption_key="ek"))
    assert not [secret for secret in ("xoxb-1", "xapp-1", "cs'", "ek'") if secret in shown]
