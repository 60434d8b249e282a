"""The app's manifest, made from the table of commands: https://docs.slack.dev/reference/app-manifest."""

from typing import Any

from bot.adapters.slack.settings import EVENTS as EVENTS_PATH
from bot.adapters.slack.settings import REDIRECT
from bot.app.commands import COMMANDS, Argument, Spec

SCOPES = {
    "commands": "members give commands",
    "chat:write": "the daily question is posted and edited, and replies are sent",
    "users:read": "names on boards, each member's time zone, and who may manage: workspace admins and owners",
    "files:write": "a member's own data and charts are sent to them as files; without it there are bars of text",
}
"""Every scope that is asked for, and what for. None of them reads a channel."""

OPTIONAL = ("files:write",)
"""A workspace may leave these out; everything goes on working but the export and charts as images."""

EVENTS = ("app_home_opened", "app_uninstalled", "tokens_revoked")

_NAME, _SUMMARY, _HINT = 32, 2000, 1000


def manifest(*, http: str = "") -> dict[str, Any]:
    """The manifest for Socket Mode, or with `http` for requests to that address, such as https://quiz.example.org."""
    address = http.rstrip("/")
    url = {"url": f"{address}{EVENTS_PATH}"} if http else {}
    request = {"request_url": f"{address}{EVENTS_PATH}"} if http else {}
    found: dict[str, Any] = {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": "Trapwise",
            "description": "One trap question a day for teams that prepare for a certification exam",
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "trapwise", "always_online": True},
            "slash_commands": [_command(spec) | url for spec in _named()],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES), "bot_optional": list(OPTIONAL)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS)} | request,
            "interactivity": {"is_enabled": True} | request,
            "org_deploy_enabled": True,
            "socket_mode_enabled": not http,
            "token_rotation_enabled": False,
        },
    }
    if http:
        found["oauth_config"]["redirect_urls"] = [f"{address}{REDIRECT}"]
    return found


def _named() -> list[Spec]:
    everything = Spec(
        name="trapwise",
        summary="Everything: help, settings, and each command by its name",
        example="/trapwise help",
    )
    return [everything, *(spec for spec in COMMANDS if not spec.grouped)]


def _command(spec: Spec) -> dict[str, Any]:
    found: dict[str, Any] = {
        "command": f"/{spec.name}"[:_NAME],
        "description": spec.summary[:_SUMMARY],
        # Mentions then come as ids, so that no name that somebody types can be mistaken for one.
        "should_escape": True,
    }
    hint = " ".join(_hint(argument) for argument in spec.arguments)
    if spec.name == "trapwise":
        hint = "help | " + " | ".join(s.name for s in COMMANDS if s.grouped and s.name != "help")
    return found | ({"usage_hint": hint[:_HINT]} if hint else {})


def _hint(argument: Argument) -> str:
    shown = "|".join(argument.choices) if argument.choices else argument.name
    return shown if argument.required else f"[{shown}]"
