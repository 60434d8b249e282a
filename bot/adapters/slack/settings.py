"""What Slack is connected with, and the refusal of what can't work."""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from bot.core.errors import SettingsError

API = "https://slack.com/api/"

PREFIX = "/slack"
"""What everything of Slack's is below, so that a proxy needs one rule."""

EVENTS = "/slack/events"
INSTALL = "/slack/install"
REDIRECT = "/slack/oauth_redirect"


class Transport(StrEnum):
    """How Slack reaches us: through a socket that we open, or by signed requests to our address."""

    SOCKET = "socket"
    HTTP = "http"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSettings:
    """The host's settings, secrets in the clear but never shown.

    Socket Mode needs `bot_token` and `app_token`. HTTP needs `signing_secret`, and either `bot_token` for one
    workspace or `client_id`, `client_secret` and `encryption_key` for many. `managers` are user ids that may
    manage besides the workspace's admins and owners.
    """

    bot_token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    encryption_key: str = field(default="", repr=False)
    managers: frozenset[str] = frozenset()
    guests_see_boards: bool = False
    public_url: str = ""
    api_base_url: str = API
    support_url: str = ""
    privacy_url: str = ""

    @property
    def wanted(self) -> bool:
        """Whether anything was set that asks for Slack."""
        return bool(self.bot_token or self.app_token or self.signing_secret or self.client_id)

    @property
    def transport(self) -> Transport:
        """Socket Mode wherever there is an app-level token."""
        return Transport.SOCKET if self.app_token else Transport.HTTP

    @property
    def many(self) -> bool:
        """Whether any workspace may install us, rather than one being connected by its token."""
        return not self.bot_token


def check(settings: SlackSettings) -> None:
    """Raise SettingsError, listing every fault, if Slack can't be connected like this."""
    faults = [*_tokens(settings), *(_http(settings) if settings.transport is Transport.HTTP else _socket(settings))]
    for name, url in (("SLACK_API_BASE_URL", settings.api_base_url), ("SLACK_PUBLIC_URL", settings.public_url)):
        if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc):
            faults.append(f"{name}: it has to be a whole address, such as https://quiz.example.org.")
    if faults:
        raise SettingsError("\n".join(["Slack can't be connected:", *faults]))


def _tokens(settings: SlackSettings) -> list[str]:
    faults = []
    if settings.bot_token and not settings.bot_token.startswith("xox"):
        faults.append("SLACK_BOT_TOKEN: a bot token begins with xoxb-. Copy it from OAuth & Permissions.")
    if settings.app_token and not settings.app_token.startswith("xapp-"):
        faults.append("SLACK_APP_TOKEN: an app-level token begins with xapp-. Make one under Basic Information.")
    return faults


def _socket(settings: SlackSettings) -> list[str]:
    faults = []
    if not settings.bot_token:
        faults.append("SLACK_BOT_TOKEN: Socket Mode needs it beside SLACK_APP_TOKEN.")
    if settings.client_id or settings.client_secret:
        faults.append(
            "SLACK_APP_TOKEN: with it the bot uses Socket Mode, which serves one workspace. "
            "Remove it to let many workspaces install, or remove SLACK_CLIENT_ID and SLACK_CLIENT_SECRET."
        )
    return faults


def _http(settings: SlackSettings) -> list[str]:
    faults = []
    if not settings.signing_secret:
        faults.append(
            "SLACK_SIGNING_SECRET: without SLACK_APP_TOKEN, Slack sends signed requests, and this checks them. "
            "Copy it from Basic Information; or set SLACK_APP_TOKEN to use Socket Mode."
        )
    if settings.bot_token and settings.client_id:
        faults.append("SLACK_BOT_TOKEN: it is for one workspace and SLACK_CLIENT_ID for many. Remove one of them.")
    if not settings.bot_token:
        for name, value in (
            ("SLACK_CLIENT_ID", settings.client_id),
            ("SLACK_CLIENT_SECRET", settings.client_secret),
            ("SLACK_ENCRYPTION_KEY", settings.encryption_key),
        ):
            if not value:
                faults.append(f"{name}: it is needed to let workspaces install (or set SLACK_BOT_TOKEN for just one).")
    return faults
