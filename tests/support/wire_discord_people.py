"""People who press buttons, give commands and fill in forms, as Discord tells a bot of it."""

import asyncio
from typing import Any

from tests.support import wire_discord_rules as rules
from tests.support.wire_discord_state import PATIENCE, State
from tests.support.wire_discord_world import APPLICATION, Channel, Interaction, Person


class People(State):
    """What members do. Each makes an interaction, sent over the gateway."""

    async def press(self, person: Person, message: dict[str, Any], custom_id: str, **more: Any) -> Interaction:
        """Press a button, or with `values` choose from a menu; returns at once."""
        kind = 3 if "values" in more else 2
        data = {"custom_id": custom_id, "component_type": kind} | more
        return await self._interact(person, self.channels[int(message["channel_id"])], 3, data, message)

    async def command(
        self, person: Person, channel: Channel, line: str, *, stale: bool = False, **options: Any
    ) -> Interaction:
        """Give a command: its name, or a group's and its own.

        It has to be registered, unless it is a `stale` one of a client that hasn't heard of a change. Default
        permissions keep nobody from it: a server's staff can open a command to everybody.
        """
        name, _, sub = line.partition(" ")
        wrong = "" if stale or not self.commands else rules.invocation_fault(self.commands, name, sub, options)
        assert not wrong, wrong
        given: list[dict[str, Any]] = [
            {"name": key, "type": 4 if isinstance(value, int) else 3, "value": value} for key, value in options.items()
        ]
        if sub:
            given = [{"name": sub, "type": 1, "options": given}]
        data = {"id": "7", "name": name, "type": 1, "options": given}
        return await self._interact(person, channel, 2, data, None)

    async def complete(self, person: Person, channel: Channel, line: str, argument: str, typed: str) -> list[str]:
        """Type into an argument; the values offered."""
        name, _, sub = line.partition(" ")
        given: list[dict[str, Any]] = [{"name": argument, "type": 3, "value": typed, "focused": True}]
        if sub:
            given = [{"name": sub, "type": 1, "options": given}]
        data = {"id": "7", "name": name, "type": 1, "options": given}
        interaction = await self._interact(person, channel, 4, data, None)
        await asyncio.wait_for(interaction.answered.wait(), PATIENCE)
        assert interaction.callback is not None
        return [choice["value"] for choice in interaction.callback["data"]["choices"]]

    async def submit(self, opened: Interaction, **values: Any) -> Interaction:
        """Send the modal that an interaction opened, with some fields changed."""
        assert opened.callback is not None
        assert opened.callback["type"] == 9, opened.callback
        modal = opened.callback["data"]
        filled = []
        for top in modal["components"]:
            if top["type"] != 18:
                continue
            part = top["component"]
            chosen = [option["value"] for option in part.get("options") or () if option.get("default")]
            value = values.get(part["custom_id"], part.get("value", "") if part["type"] == 4 else chosen)
            answer: dict[str, Any] = {"type": part["type"], "custom_id": part["custom_id"], "id": 1}
            if part["type"] in (4, 21):
                answer["value"] = value if isinstance(value, str) else (value[0] if value else None)
            else:
                answer["values"] = [value] if isinstance(value, str) else list(value)
            filled.append({"type": 18, "id": 2, "component": answer})
        data = {"custom_id": modal["custom_id"], "components": filled}
        source = self.messages.get(opened.source) if opened.source else None
        return await self._interact(opened.person, opened.channel, 5, data, source)

    async def answer(self, interaction: Interaction) -> dict[str, Any]:
        """Wait for what the presser sees at last: the answer, or what came after a deferral."""
        try:
            await asyncio.wait_for(interaction.finished.wait(), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"no answer: {interaction.callback}, faults {self.faults}") from None
        return interaction.shown

    async def _interact(
        self, person: Person, channel: Channel, kind: int, data: dict[str, Any], message: dict[str, Any] | None
    ) -> Interaction:
        number = self.snowflake()
        made = Interaction(
            id=number,
            token=f"secret-{number}",
            kind=kind,
            person=person,
            channel=channel,
            source=int(message["id"]) if message else None,
        )
        self.interactions[number] = made
        user_install = channel.guild is not None and channel.guild not in self.guilds
        event: dict[str, Any] = {
            "id": str(number),
            "application_id": str(APPLICATION),
            "type": kind,
            "token": made.token,
            "version": 1,
            "attachment_size_limit": 10 * 2**20,
            "entitlements": [],
            "locale": "en-US",
            "data": data,
            "channel": channel.payload(),
            "channel_id": str(channel.id),
            "app_permissions": str(self.bot_may(channel)),
            "authorizing_integration_owners": (
                {"1": str(person.id)} if channel.guild is None or user_install else {"0": str(channel.guild)}
            ),
            "context": 0 if channel.guild is not None else 1,
        }
        if message is not None:
            event["message"] = message
        if channel.guild is None:
            event["user"] = person.user()
        else:
            event |= {
                "guild_id": str(channel.guild),
                "guild": {"id": str(channel.guild), "features": [], "locale": "en-US"},
                "member": {
                    "user": person.user(),
                    "roles": [],
                    "permissions": str(person.permissions),
                    "joined_at": "2026-11-01T00:00:00+00:00",
                    "nick": None,
                    "deaf": False,
                    "mute": False,
                    "flags": 0,
                },
            }
        await self.gateway.dispatch("INTERACTION_CREATE", event, guild=channel.guild)
        return made
