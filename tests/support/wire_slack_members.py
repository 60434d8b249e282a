"""What people do in the local Slack: press, type, fill in forms, look at the Home tab."""

from collections.abc import Iterator
from typing import Any

from tests.support.wire_slack import Ack, Channel, FakeSlack, User
from tests.support.wire_slack_checks import faults_of_answer

Json = dict[str, Any]


class Hands:
    """Acts for members. Buttons are found by their label, as people find them."""

    def __init__(self, slack: FakeSlack) -> None:
        self.slack = slack
        self.enterprise = ""

    async def press(self, user: User, message: Json, label: str, *, channel: Channel | None = None) -> Ack:
        """Press a button, or choose the entry of a menu, on a message, an own ephemeral one, or a view."""
        return await self.slack.send("interactive", self.press_payload(user, message, label, channel=channel))

    def press_payload(self, user: User, message: Json, label: str, *, channel: Channel | None = None) -> Json:
        """What Slack sends for a press."""
        action = find(message, label)
        if action is None:
            raise AssertionError(f"no {label!r} among {labels(message)}")
        if message.get("type") in ("home", "modal"):
            where: Json = {"container": {"type": "view", "view_id": message["id"]}, "view": self._view(message, user)}
        else:
            where = self._on_message(user, message, channel)
        return {"type": "block_actions", "actions": [action], **self._who(user), **where}

    def _on_message(self, user: User, message: Json, channel: Channel | None) -> Json:
        seen = any(shown["ts"] == message["ts"] for shown in user.sees)
        channel_id = channel.id if channel else message.get("channel") or self._place(message)
        name = self.slack.channels[channel_id].name if channel_id in self.slack.channels else "directmessage"
        return {
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel_id,
                "is_ephemeral": seen,
            },
            "channel": {"id": channel_id, "name": name},
            "response_url": self.slack.response_url(user, channel_id, message["ts"], ephemeral=seen),
            **({} if seen else {"message": message}),
        }

    async def command(self, user: User, channel: Channel, line: str) -> Ack:
        """Type a command."""
        name, _, text = line.partition(" ")
        if name not in self.slack.commands:
            raise AssertionError(f"{name} isn't in the manifest")
        return await self.slack.send(
            "slash_commands",
            {
                "command": name,
                "text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
                "user_id": user.id,
                "user_name": user.name.lower(),
                "team_id": user.team,
                "team_domain": "test",
                "channel_id": channel.id,
                "channel_name": channel.name,
                "api_app_id": "A1",
                "is_enterprise_install": "true" if self.enterprise else "false",
                **({"enterprise_id": self.enterprise} if self.enterprise else {}),
                "response_url": self.slack.response_url(user, channel.id),
                "trigger_id": self.slack.trigger(user),
            },
        )

    async def submit(self, user: User, view: Json, **values: Any) -> Ack:
        """Send a form with these values in place of what is filled in; it closes, or shows what the answer says."""
        entered = state(view, values)
        for block in view["blocks"]:
            if block["type"] == "input" and not block.get("optional"):
                given = entered[block["block_id"]][block["element"]["action_id"]]
                if not any(given[key] for key in given if key != "type"):
                    raise AssertionError(f"Slack doesn't send a form without {block['label']['text']}")
        ack = await self.slack.send(
            "interactive",
            {
                "type": "view_submission",
                **self._who(user),
                "view": {**self._view(view, user), "state": {"values": entered}},
            },
        )
        self.slack.problems += [f"view_submission: {fault}" for fault in faults_of_answer(ack.payload, view)]
        match ack.payload.get("response_action"):
            case None:
                user.views.remove(view)
            case "update":
                user.views[user.views.index(view)] = {**ack.payload["view"], "id": view["id"]}
            case _:
                pass
        await self.slack.happened()
        return ack

    async def open_home(self, user: User) -> Ack:
        """Look at the Home tab."""
        return await self.event(user.team, {"type": "app_home_opened", "user": user.id, "tab": "home", "channel": "D1"})

    async def event(self, team: str, event: Json) -> Ack:
        """Something happened that the app listens to."""
        if event["type"] not in self.slack.events:
            raise AssertionError(f"{event['type']} isn't in the manifest")
        return await self.slack.send(
            "events_api",
            {
                "type": "event_callback",
                "team_id": team,
                "api_app_id": "A1",
                "event": event,
                "event_id": f"Ev{self.slack.stamp()}",
                "event_time": 1,
                "authorizations": [
                    {"team_id": team, "user_id": "UBOT", "is_bot": True, "is_enterprise_install": False}
                ],
            },
        )

    def _who(self, user: User) -> Json:
        return {
            "user": {"id": user.id, "username": user.name.lower(), "name": user.name.lower(), "team_id": user.team},
            "team": None if self.enterprise else {"id": user.team, "domain": "test"},
            "enterprise": {"id": self.enterprise, "name": "Org"} if self.enterprise else None,
            "is_enterprise_install": bool(self.enterprise),
            "api_app_id": "A1",
            "trigger_id": self.slack.trigger(user),
        }

    def _view(self, view: Json, user: User) -> Json:
        return {**view, "team_id": user.team, "app_installed_team_id": user.team}

    def _place(self, message: Json) -> str:
        return next(c.id for c in self.slack.channels.values() if message["ts"] in c.messages)


def controls(message: Json) -> Iterator[tuple[str, Json]]:
    """Every label that can be pressed, and the action that it sends."""
    for number, block in enumerate(message.get("blocks") or ()):
        if block["type"] != "actions":
            continue
        block_id = block.get("block_id") or f"b{number}"
        for element in block["elements"]:
            base = {"type": element["type"], "action_id": element["action_id"], "block_id": block_id}
            if element["type"] == "button":
                yield element["text"]["text"], {**base, "value": element.get("value"), "action_ts": "1.0"}
            for option in element.get("options", ()):
                yield option["text"]["text"], {**base, "selected_option": option, "action_ts": "1.0"}


def labels(message: Json) -> list[str]:
    """The labels that can be pressed."""
    return [label for label, _ in controls(message)]


def find(message: Json, label: str) -> Json | None:
    """The action behind a label."""
    return next((action for found, action in controls(message) if found == label), None)


def state(view: Json, values: Json) -> Json:
    """The state of a filled in form: what was there, with the given values in place."""
    found: Json = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        name, element = block["block_id"], block["element"]
        given = values.get(name.removeprefix("f.").removeprefix("tw."))
        found[name] = {element["action_id"]: _entered(element, given)}
    return found


def _entered(element: Json, given: Any) -> Json:
    kind = element["type"]
    match kind:
        case "plain_text_input":
            return {"type": kind, "value": given if given is not None else element.get("initial_value")}
        case "conversations_select":
            return {"type": kind, "selected_conversation": given or element.get("initial_conversation")}
        case "checkboxes" | "multi_static_select":
            chosen = element.get("initial_options", [])
            if given is not None:
                chosen = [option for option in element["options"] if option["value"] in given]
            return {"type": kind, "selected_options": chosen}
        case _:
            chosen_one = element.get("initial_option")
            if given is not None:
                chosen_one = next(option for option in element["options"] if option["value"] == given)
            return {"type": kind, "selected_option": chosen_one}
