"""What a member did, in neutral words. Adapters translate into these and nothing else."""

from dataclasses import dataclass

from bot.core.refs import ChannelRef, MemberRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, where, under which name, and whether the platform says that they manage the channel.

    `channel` is None where there is none, as in a direct message. `manages` is asked of the platform at each
    action; a button that an admin got long ago gives nobody any right. `images` asks for charts as images too.
    `picks_channel` tells that the platform's forms can ask for a channel, so that setup may begin outside of one.
    """

    member: MemberRef
    name: str
    channel: ChannelRef | None
    channel_name: str = ""
    workspace_name: str = ""
    manages: bool = False
    zone: str | None = None
    images: bool = False
    picks_channel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A member pressed a button or chose from a menu; `token` is the text it carried."""

    actor: Actor
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A member gave a command: its `name` as in the table of commands, and the rest of the line as typed."""

    actor: Actor
    name: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A member sent a form: its token, and the values of its fields by name (several where a field takes many)."""

    actor: Actor
    token: str
    values: tuple[tuple[str, tuple[str, ...]], ...]
