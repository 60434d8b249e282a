"""From Slack's payloads to what a member did. Pure: no I/O, and nothing is believed that Slack didn't sign.

Payloads: https://docs.slack.dev/reference/interaction-payloads, and for commands
https://docs.slack.dev/interactivity/implementing-slash-commands.
"""

import html
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.adapters.slack import controls, forms
from bot.app.actions import Actor, Command, Press, Submission
from bot.core.refs import ChannelRef, MemberRef, Platform, WorkspaceRef

Body = dict[str, Any]

_LONGEST_TEXT = 1000

# What Slack calls channels whose name it doesn't tell.
_UNNAMED = frozenset({"privategroup", "directmessage"})


class Where(StrEnum):
    """What a member acted on, which decides how they can be answered."""

    MESSAGE = "message"
    EPHEMERAL = "ephemeral"
    DIRECT = "direct"
    HOME = "home"
    MODAL = "modal"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who acted, and every way to answer that came with it. `user` is Slack's own id.

    `member` is our key for them: guests from another workspace have their own workspace in it, because an id
    is unique only within a workspace or organisation: https://docs.slack.dev/apis/slack-connect/.
    """

    where: Where
    workspace: str
    enterprise: str = ""
    user: str
    member: str
    guest: bool
    name: str = ""
    channel: str = ""
    channel_name: str = ""
    workspace_name: str = ""
    message: str = ""
    view: str = ""
    trigger: str = ""
    response_url: str = ""

    @property
    def in_channel(self) -> bool:
        """Whether it happened in a channel, and not in a direct message or a view."""
        return bool(self.channel) and not self.channel.startswith("D")

    def actor(self, *, name: str = "", manages: bool = False, zone: str | None = None, images: bool = False) -> Actor:
        """The member as the use cases know them; `name` is a better one than the payload's, if known.

        `images` tells that charts may be sent. In a window they aren't: it opens within three seconds or not at all.
        """
        workspace = WorkspaceRef(Platform.SLACK, self.workspace)
        return Actor(
            member=MemberRef(workspace, self.member),
            name=name or self.name,
            channel=ChannelRef(workspace, self.channel) if self.in_channel else None,
            channel_name=self.channel_name if self.in_channel else "",
            workspace_name=self.workspace_name,
            manages=manages,
            zone=zone,
            images=images and self.where not in (Where.HOME, Where.MODAL),
            picks_channel=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A pressed button or chosen entry. `delivery` is the key of the post it was on, empty if it wasn't marked."""

    origin: Origin
    token: str
    delivery: str = ""

    def press(self, actor: Actor) -> Press:
        """For the use cases."""
        return Press(actor=actor, token=self.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A slash command."""

    origin: Origin
    name: str
    text: str

    def command(self, actor: Actor) -> Command:
        """For the use cases."""
        return Command(actor=actor, name=self.name, text=self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A sent form. Its origin's channel is the one that was chosen in it, empty if none was."""

    origin: Origin
    token: str
    opened_in: forms.Place
    values: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def here(self) -> bool:
        """Whether it is about the channel that it was opened in."""
        return self.origin.channel == self.opened_in.channel

    def submission(self, actor: Actor) -> Submission:
        """For the use cases."""
        return Submission(actor=actor, token=self.token, values=self.values)


def pressed(body: Body) -> Pressed | None:
    """A press on one of our controls; None for links, which need nothing but the acknowledgement."""
    action: dict[str, Any] = next(iter(body.get("actions") or ()), {})
    match action:
        case {"action_id": str() as action_id} if not action_id.startswith(f"{controls.PRESS}."):
            return None
        case {"value": str() as token} | {"selected_option": {"value": str() as token}}:
            return Pressed(
                origin=_origin_of_press(body), token=token, delivery=controls.delivery_key(action.get("block_id") or "")
            )
        case _:
            return None


def typed(body: Body) -> Typed:
    """A slash command. Slack escapes three signs in its text."""
    workspace, enterprise = _workspace(body)
    user = str(body.get("user_id") or "")
    return Typed(
        origin=Origin(
            where=Where.COMMAND,
            workspace=workspace,
            enterprise=enterprise,
            user=user,
            member=user,
            guest=False,
            name=str(body.get("user_name") or ""),
            channel=str(body.get("channel_id") or ""),
            channel_name=_named(body.get("channel_name")),
            workspace_name=str(body.get("team_domain") or ""),
            trigger=str(body.get("trigger_id") or ""),
            response_url=str(body.get("response_url") or ""),
        ),
        name=str(body.get("command") or "").removeprefix("/"),
        text=html.unescape(str(body.get("text") or ""))[:_LONGEST_TEXT],
    )


def sent(body: Body) -> Sent | None:
    """A sent form; None if the view isn't one of our forms."""
    view = body.get("view") or {}
    found = forms.filled(view) if view.get("callback_id") == forms.CALLBACK else None
    if found is None:
        return None
    workspace, enterprise = _workspace(body)
    origin = _origin(
        body,
        where=Where.MODAL,
        workspace=workspace,
        enterprise=enterprise,
        channel=found.channel,
        channel_name=found.place.channel_name if found.channel == found.place.channel else "",
        view=str(view.get("id") or ""),
    )
    return Sent(origin=origin, token=found.place.token, opened_in=found.place, values=found.values)


def visitor(body: Body) -> Origin:
    """Who opened the Home tab."""
    workspace, enterprise = _workspace(body)
    user = str((body.get("event") or {}).get("user") or "")
    return Origin(where=Where.HOME, workspace=workspace, enterprise=enterprise, user=user, member=user, guest=False)


def _origin_of_press(body: Body) -> Origin:
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = body.get("channel") or {}
    channel_id = str(channel.get("id") or container.get("channel_id") or "")
    workspace, enterprise = _workspace(body)
    # In a channel shared by several workspaces the message's own one is where it was posted, whoever presses.
    posted_in = str(message.get("team") or "")
    if posted_in.startswith("T"):
        workspace = posted_in
    view = body.get("view") or {}
    if view:
        where = Where.HOME if view.get("type") == "home" else Where.MODAL
    elif container.get("is_ephemeral"):
        where = Where.EPHEMERAL
    else:
        where = Where.DIRECT if channel_id.startswith("D") else Where.MESSAGE
    return _origin(
        body,
        where=where,
        workspace=workspace,
        enterprise=enterprise,
        channel=channel_id,
        channel_name=_named(channel.get("name")),
        message=str(container.get("message_ts") or message.get("ts") or ""),
        view=str(view.get("id") or ""),
    )


def _origin(body: Body, *, where: Where, workspace: str, enterprise: str, **rest: str) -> Origin:
    user = body.get("user") or {}
    own = str(user.get("team_id") or workspace)
    guest = own != workspace
    return Origin(
        where=where,
        workspace=workspace,
        enterprise=enterprise,
        user=str(user.get("id") or ""),
        member=f"{own}:{user.get('id')}" if guest else str(user.get("id") or ""),
        guest=guest,
        name=str(user.get("username") or user.get("name") or ""),
        workspace_name=str((body.get("team") or {}).get("domain") or "") if not guest else "",
        trigger=str(body.get("trigger_id") or ""),
        response_url=str(body.get("response_url") or ""),
        **rest,
    )


def _workspace(body: Body) -> tuple[str, str]:
    """The workspace and, for an organisation-wide installation, its organisation."""
    view, team = body.get("view") or {}, body.get("team") or {}
    event = body.get("event") or {}
    installed: dict[str, Any] = next(iter(body.get("authorizations") or ()), {})
    found = (
        view.get("app_installed_team_id")
        or team.get("id")
        or installed.get("team_id")
        or body.get("team_id")
        or (body.get("user") or {}).get("team_id")
        or (event.get("view") or {}).get("team_id")
        or ""
    )
    enterprise = (body.get("enterprise") or {}).get("id") or body.get("enterprise_id") or installed.get("enterprise_id")
    return str(found), str(enterprise or "")


def _named(name: object) -> str:
    said = str(name or "")
    return "" if said in _UNNAMED or said.startswith("mpdm-") else said
