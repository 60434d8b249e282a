"""What the fake Discord holds: servers, channels, threads, people, messages and interactions."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

TEXT, DM, ANNOUNCED, PUBLIC_THREAD, FORUM = 0, 1, 5, 11, 15
THREADS = {10, 11, 12}

VIEW, SEND, HISTORY, ATTACH = 1 << 10, 1 << 11, 1 << 16, 1 << 15
SEND_IN_THREADS, MANAGE_CHANNELS, MANAGE_THREADS = 1 << 38, 1 << 4, 1 << 34
EPHEMERAL = 1 << 6
USUAL = VIEW | SEND | HISTORY | ATTACH | SEND_IN_THREADS

APPLICATION = 900000000000000001
TOKEN = "made-up.token.for-the-fake"


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel, thread or direct message. `bot` are the bot's permissions in it (a thread's are its parent's)."""

    id: int
    guild: int | None
    kind: int = TEXT
    name: str = "exam-prep"
    parent: int | None = None
    bot: int = USUAL
    archived: bool = False
    locked: bool = False
    gone: bool = False
    messages: list[int] = field(default_factory=list)

    def payload(self) -> dict[str, Any]:
        """As Discord describes it."""
        common: dict[str, Any] = {"id": str(self.id), "type": self.kind, "name": self.name, "flags": 0}
        if self.guild is not None:
            common["guild_id"] = str(self.guild)
        if self.kind in THREADS:
            return common | {
                "parent_id": str(self.parent),
                "owner_id": "1",
                "message_count": 1,
                "member_count": 1,
                "last_message_id": None,
                "rate_limit_per_user": 0,
                "applied_tags": [],
                "thread_metadata": {
                    "archived": self.archived,
                    "auto_archive_duration": 1440,
                    "archive_timestamp": "2026-11-01T00:00:00+00:00",
                    "locked": self.locked,
                },
            }
        if self.kind == DM:
            return common | {"recipients": [], "last_message_id": None}
        overwrites = [
            {"id": str(APPLICATION), "type": 1, "allow": str(self.bot), "deny": str(~self.bot & (1 << 53) - 1)}
        ]
        return common | {
            "position": 0,
            "permission_overwrites": overwrites,
            "parent_id": None,
            "topic": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "available_tags": [],
            "default_reaction_emoji": None,
        }


@dataclass(slots=True, kw_only=True)
class Guild:
    """A server; the bot is in it since `joined`."""

    id: int
    name: str = "Night school"
    roles: int = 1
    joined: str = "2026-11-01T00:00:00+00:00"
    system_channel: int | None = None
    channels: dict[int, Channel] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        """As it is announced to the bot."""
        everyone = {
            "id": str(self.id),
            "name": "@everyone",
            "permissions": "0",
            "position": 0,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }
        there = [channel for channel in self.channels.values() if not channel.gone]
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "owner_id": "1",
            "roles": [
                everyone,
                *(everyone | {"id": str(self.id + n), "name": f"Role {n}"} for n in range(1, self.roles)),
            ],
            "emojis": [],
            "stickers": [],
            "features": [],
            "channels": [channel.payload() for channel in there if channel.kind not in THREADS],
            "threads": [channel.payload() for channel in there if channel.kind in THREADS and not channel.archived],
            "members": [
                {
                    "user": bot_user(),
                    "roles": [],
                    "joined_at": self.joined,
                    "deaf": False,
                    "mute": False,
                    "flags": 0,
                }
            ],
            "member_count": 51,
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "unavailable": False,
            "large": True,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "system_channel_id": str(self.system_channel) if self.system_channel else None,
            "system_channel_flags": 0,
            "preferred_locale": "en-US",
            "afk_timeout": 300,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who presses. `permissions` are theirs in the channel."""

    id: int
    name: str
    permissions: int = VIEW | SEND

    def user(self) -> dict[str, Any]:
        """As Discord describes them."""
        return {
            "id": str(self.id),
            "username": self.name.lower(),
            "global_name": self.name,
            "discriminator": "0",
            "avatar": None,
            "public_flags": 0,
        }


def bot_user() -> dict[str, Any]:
    """The bot itself."""
    return {
        "id": str(APPLICATION),
        "username": "trapwise",
        "global_name": None,
        "discriminator": "0001",
        "avatar": None,
        "bot": True,
        "public_flags": 0,
    }


@dataclass(slots=True, kw_only=True)
class Interaction:
    """One interaction and everything that answered it. `shown` is the newest state of the message for the presser."""

    id: int
    token: str
    kind: int
    person: Person
    channel: Channel
    source: int | None
    made: float = field(default_factory=time.monotonic)
    callback: dict[str, Any] | None = None
    callback_after: float = 0.0
    original: dict[str, Any] | None = None
    followups: list[dict[str, Any]] = field(default_factory=list)
    expired: bool = False
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def shown(self) -> dict[str, Any]:
        """The message the presser sees at last."""
        private = [found for found in self.followups if found["flags"] & EPHEMERAL]
        found = private[-1:] or ([self.original] if self.original is not None else self.followups[-1:])
        if not found:
            raise AssertionError(f"nothing was shown: {self.callback}")
        return found[0]
