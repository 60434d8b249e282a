"""Forms as modals, and what comes back from them."""

import json
from dataclasses import dataclass, replace
from typing import Any

from bot.adapters.slack import blocks, limits, wording
from bot.adapters.slack.spans import Json
from bot.view.card import Field, Form

CALLBACK = "tw.form"

CHANNEL_BLOCK = "tw.channel"

_FIELD = "f."
_ACTION = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a view has to remember until it is sent: the form's token, and the channel it was opened in, if in one.

    Slack keeps it with the view; members can read it but not change it.
    """

    token: str
    channel: str = ""
    channel_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A form as sent. `channel` is the one it is for, empty if none was chosen."""

    place: Place
    channel: str
    values: tuple[tuple[str, tuple[str, ...]], ...]


def view(form: Form, place: Place, *, chosen: str = "", offered: bool = True) -> Json:
    """The modal. If the form asks for a channel, the `chosen` one is `offered`, else the one it is opened in."""
    found: list[Json] = [blocks.sentence(form.intro)] if form.intro else []
    if form.channel is not None:
        found.append(_channel(form.channel, (chosen or place.channel) if offered else ""))
    for field in form.inputs:
        found.append(_field(field))
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": json.dumps(
            {"token": place.token, "channel": place.channel, "name": limits.cut(place.channel_name, 200)}
        ),
        "title": _plain(form.title, limits.MODAL_TITLE),
        "submit": _plain(form.submit, limits.MODAL_TITLE),
        "close": _plain(wording.CANCEL, limits.MODAL_TITLE),
        "blocks": found,
    }


def errors(form: Form) -> dict[str, str]:
    """The sentences beside the fields, by block id."""
    found = {f"{_FIELD}{field.name}": field.error for field in form.inputs if field.error}
    if form.channel is not None and form.channel.error:
        found[CHANNEL_BLOCK] = form.channel.error
    return found


def without_channel(form: Form, sentence: str) -> Form:
    """The form with the sentence beside its channel."""
    return replace(form, channel=replace(form.channel, error=sentence)) if form.channel is not None else form


def filled(sent: Json) -> Filled | None:
    """The values of a sent view; None if it isn't one of ours."""
    try:
        kept = json.loads(sent.get("private_metadata") or "")
        place = Place(token=kept["token"], channel=kept["channel"], channel_name=kept["name"])
    except (ValueError, KeyError, TypeError):
        return None
    channel = place.channel
    values: list[tuple[str, tuple[str, ...]]] = []
    for block_id, actions in ((sent.get("state") or {}).get("values") or {}).items():
        given = _given(next(iter((actions or {}).values()), {}))
        if block_id == CHANNEL_BLOCK:
            # Only channels are offered; this is for what is sent all the same.
            channel = given[0] if given and given[0].startswith(("C", "G")) else ""
        elif block_id.startswith(_FIELD):
            values.append((block_id.removeprefix(_FIELD), given))
    return Filled(place=place, channel=channel, values=tuple(values))


def note(title: str, found: list[Json]) -> Json:
    """A modal that only shows something."""
    return {
        "type": "modal",
        "callback_id": "tw.note",
        "title": _plain(title, limits.MODAL_TITLE),
        "close": _plain(wording.CLOSE, limits.MODAL_TITLE),
        "blocks": found,
    }


def _field(field: Field) -> Json:
    block: Json = {
        "type": "input",
        "block_id": f"{_FIELD}{field.name}",
        "label": _plain(field.label, limits.INPUT_LABEL),
        # An empty one comes back with the sentence of the one parser, not with Slack's own.
        "optional": True,
        "element": _element(field),
    }
    if field.hint:
        block["hint"] = _plain(field.hint, limits.INPUT_LABEL)
    return block


def _element(field: Field) -> Json:
    if not field.choices:
        element: Json = {"type": "plain_text_input", "action_id": _ACTION, "max_length": 300}
        return {**element, "initial_value": field.value[0]} if field.value and field.value[0] else element
    options = [
        {"text": _plain(label, limits.OPTION), "value": value} for label, value in field.choices[: limits.OPTIONS]
    ]
    chosen = [option for option in options if option["value"] in field.value]
    if field.many:
        element = {"type": "checkboxes", "action_id": _ACTION, "options": options}
        if len(options) > 10:
            element = {"type": "multi_static_select", "action_id": _ACTION, "options": options}
        return {**element, "initial_options": chosen} if chosen else element
    element = {"type": "static_select", "action_id": _ACTION, "options": options}
    return {**element, "initial_option": chosen[0]} if chosen else element


def _channel(field: Field, present: str) -> Json:
    # Channels shared with other workspaces are among them: those of the other side may answer too. Slack lists the
    # channels that the member may see, and needs no right of ours for it.
    element: Json = {
        "type": "conversations_select",
        "action_id": _ACTION,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if present:
        element["initial_conversation"] = present
    return {
        "type": "input",
        "block_id": CHANNEL_BLOCK,
        "label": _plain(field.label, limits.INPUT_LABEL),
        "hint": _plain(wording.CHANNEL_HINT, limits.INPUT_LABEL),
        "element": element,
    }


def _given(action: dict[str, Any]) -> tuple[str, ...]:
    match action:
        case {"selected_options": [*several]}:
            return tuple(option["value"] for option in several if option.get("value"))
        case {"selected_option": {"value": str() as one}}:
            return (one,)
        case {"selected_conversation": str() as one}:
            return (one,)
        case {"value": str() as one}:
            return (one.strip(),)
        case _:
            return ()


def _plain(words: str, longest: int) -> Json:
    return {"type": "plain_text", "text": limits.cut(words, longest), "emoji": False}
