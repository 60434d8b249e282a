"""What Slack would refuse in a payload: slack_sdk's own models, and the rules that those don't know.

The limits are Slack's published ones (https://docs.slack.dev/reference/block-kit/blocks), written down here once
more on purpose: a test that took them from the adapter would find nothing.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

Json = dict[str, Any]

_BLOCKS: dict[str, frozenset[str]] = {
    "header": frozenset({"text"}),
    "section": frozenset({"text", "fields", "accessory", "expand"}),
    "context": frozenset({"elements"}),
    "actions": frozenset({"elements"}),
    "divider": frozenset(),
    "image": frozenset({"alt_text", "title", "image_url", "slack_file"}),
    "input": frozenset({"label", "element", "hint", "optional", "dispatch_action"}),
    "rich_text": frozenset({"elements"}),
}

_NEEDED: dict[str, frozenset[str]] = {
    "header": frozenset({"text"}),
    "section": frozenset({"text"}),
    "context": frozenset({"elements"}),
    "actions": frozenset({"elements"}),
    "image": frozenset({"alt_text"}),
    "input": frozenset({"label", "element"}),
}
"""What we always send. A section may have fields in place of its text, but ours never do."""

_ELEMENTS: dict[str, frozenset[str]] = {
    "button": frozenset({"text", "action_id", "url", "value", "style", "confirm", "accessibility_label"}),
    "static_select": frozenset({"action_id", "placeholder", "options", "initial_option", "option_groups"}),
    "multi_static_select": frozenset({"action_id", "placeholder", "options", "initial_options"}),
    "checkboxes": frozenset({"action_id", "options", "initial_options"}),
    "plain_text_input": frozenset({"action_id", "initial_value", "max_length", "min_length", "multiline"}),
    "conversations_select": frozenset(
        {"action_id", "placeholder", "initial_conversation", "default_to_current_conversation", "filter"}
    ),
}

_RICH: dict[str, frozenset[str]] = {
    "rich_text_section": frozenset({"elements"}),
    "rich_text_preformatted": frozenset({"elements", "border"}),
    "rich_text_quote": frozenset({"elements", "border"}),
    "rich_text_list": frozenset({"elements", "style", "indent", "offset", "border"}),
}

_SPANS: dict[str, frozenset[str]] = {
    "text": frozenset({"text", "style"}),
    "link": frozenset({"url", "text", "style", "unsafe"}),
    "date": frozenset({"timestamp", "format", "url", "fallback", "style"}),
}

_DATE = re.compile(r"<!date\^\d+\^[^|>]+\|[^>]+>")
_LINKED = re.compile(r"<https?://[^|>]+\|[^>]+>")


def faults_of_message(message: Json) -> list[str]:
    """Everything that is wrong with the arguments of a posted message."""
    found = []
    text = message.get("text") or ""
    if not text.strip():
        found.append("a message without top-level text can't be read out")
    if len(text) > 4000:
        found.append(f"text has {len(text)} characters")
    found += _mrkdwn(text, "text")
    if (blocks := message.get("blocks")) is not None:
        found += faults_of_blocks(blocks, most=50)
    return found


def faults_of_view(view: Json) -> list[str]:
    """Everything that is wrong with a modal or a Home tab."""
    found: list[str] = []
    allowed = {"type", "callback_id", "private_metadata", "title", "submit", "close", "blocks", "external_id"}
    found += [f"view: unknown key {key}" for key in set(view) - allowed]
    try:
        View(**view).validate_json()
    except (SlackObjectFormationError, TypeError) as error:
        found.append(f"view: {error}")
    if view.get("type") == "modal":
        for part in ("title", "submit", "close"):
            if part in view and not 0 < len(view[part]["text"]) <= 24:
                found.append(f"view: {part} has {len(view[part]['text'])} characters")
        if "title" not in view:
            found.append("view: no title")
        if any(block["type"] == "input" for block in view["blocks"]) and "submit" not in view:
            found.append("view: inputs without submit")
    elif {"title", "submit", "close"} & set(view):
        found.append("view: a Home tab has no title or buttons of its own")
    if len(view.get("private_metadata", "")) > 3000:
        found.append("view: private_metadata too long")
    return found + faults_of_blocks(view["blocks"], most=100)


def faults_of_answer(answer: Json, sent: Json) -> list[str]:
    """Everything that is wrong with the answer to a form that was sent: errors go by the block ids of its inputs."""
    kind = answer.get("response_action")
    if kind == "errors":
        inputs = {block["block_id"] for block in sent["blocks"] if block["type"] == "input"}
        found = [f"no input {block_id}" for block_id in set(answer["errors"]) - inputs]
        return found + [f"{block_id}: no words" for block_id, words in answer["errors"].items() if not words.strip()]
    if kind in ("update", "push"):
        return faults_of_view(answer["view"])
    return [f"unknown answer {kind}"] if kind not in (None, "clear") else []


def faults_of_blocks(blocks: Iterable[Json], *, most: int) -> list[str]:
    """Everything that is wrong with blocks."""
    blocks = list(blocks)
    found = [f"{len(blocks)} blocks"] if len(blocks) > most else []
    for number, block in enumerate(blocks):
        where = f"block {number} ({block.get('type')})"
        found += [f"{where}: {fault}" for fault in _block(block)]
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        found.append("a block_id twice")
    return found


def _block(block: Json) -> Iterator[str]:
    kind = block.get("type", "")
    if kind not in _BLOCKS:
        yield "unknown type"
        return
    yield from (f"unknown key {key}" for key in set(block) - _BLOCKS[kind] - {"type", "block_id"})
    if len(block.get("block_id", "")) > 255:
        yield "block_id too long"
    if kind == "rich_text":
        if not block.get("elements"):
            yield "empty"
        for part in block.get("elements", ()):
            yield from _rich(part)
        shown = sum(_rich_size(part) for part in block.get("elements", ()))
        if shown > 3000:
            yield f"{shown} characters"
        return
    try:
        parsed = Block.parse(block)
        if parsed is None:
            yield "slack_sdk doesn't know it"
            return
        parsed.to_dict()
    except (SlackObjectFormationError, TypeError) as error:
        yield str(error)
    missing = _NEEDED.get(kind, frozenset()) - set(block)
    yield from (f"no {name}" for name in missing)
    if missing:
        return
    if kind == "header":
        yield from _text(block["text"], most=150, kinds=("plain_text",))
    elif kind == "section":
        yield from _text(block["text"], most=3000)
    elif kind == "context":
        if not 1 <= len(block["elements"]) <= 10:
            yield "elements"
        for element in block["elements"]:
            yield from _text(element, most=3000)
    elif kind == "actions":
        if not 1 <= len(block["elements"]) <= 25:
            yield f"{len(block['elements'])} elements"
        ids = [element.get("action_id") for element in block["elements"]]
        if len(ids) != len(set(ids)):
            yield "an action_id twice"
        for element in block["elements"]:
            yield from _element(element)
    elif kind == "input":
        yield from _text(block["label"], most=2000, kinds=("plain_text",))
        yield from _element(block["element"])


def _element(element: Json) -> Iterator[str]:
    kind = element.get("type", "")
    if kind not in _ELEMENTS:
        yield f"unknown element {kind}"
        return
    yield from (f"{kind}: unknown key {key}" for key in set(element) - _ELEMENTS[kind] - {"type"})
    if not 0 < len(element.get("action_id", "")) <= 255:
        yield f"{kind}: action_id"
    if kind == "button":
        yield from _text(element["text"], most=75, kinds=("plain_text",))
        if len(element.get("value", "")) > 2000 or len(element.get("url", "")) > 3000:
            yield "button: value or url too long"
        if len(element.get("accessibility_label", "")) > 75:
            yield "button: accessibility_label too long"
        if element.get("style", "primary") not in ("primary", "danger"):
            yield f"button: style {element['style']}"
    for option in element.get("options", ()):
        yield from _text(option["text"], most=75)
        if not 0 < len(option["value"]) <= 150:
            yield f"{kind}: option value"
        if set(option) - {"text", "value", "description"}:
            yield f"{kind}: unknown key in option"
    if "options" in element:
        if not 1 <= len(element["options"]) <= (10 if kind == "checkboxes" else 100):
            yield f"{kind}: {len(element['options'])} options"
        values = [option["value"] for option in element["options"]]
        if len(values) != len(set(values)):
            yield f"{kind}: an option value twice"
        initial = [*element.get("initial_options", ()), *filter(None, [element.get("initial_option")])]
        if any(option not in element["options"] for option in initial):
            yield f"{kind}: an initial option that isn't among the options"


def _text(text: Json, *, most: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> Iterator[str]:
    if text.get("type") not in kinds:
        yield f"text of type {text.get('type')}"
    if not 0 < len(text.get("text", "")) <= most:
        yield f"text of {len(text.get('text', ''))} characters"
    if set(text) - {"type", "text", "emoji", "verbatim"}:
        yield "unknown key in text"
    if text.get("type") == "mrkdwn":
        yield from _mrkdwn(text["text"], "mrkdwn")


def _rich(part: Json) -> Iterator[str]:
    kind = part.get("type", "")
    if kind not in _RICH:
        yield f"unknown rich part {kind}"
        return
    yield from (f"{kind}: unknown key {key}" for key in set(part) - _RICH[kind] - {"type"})
    if not part.get("elements"):
        yield f"{kind}: empty"
    for inner in part.get("elements", ()):
        if kind == "rich_text_list":
            yield from _rich(inner)
            continue
        name = inner.get("type", "")
        if name not in _SPANS:
            yield f"{kind}: unknown span {name}"
            continue
        yield from (f"{name}: unknown key {key}" for key in set(inner) - _SPANS[name] - {"type"})
        if name == "text" and not inner.get("text"):
            yield "an empty text"
        if name == "date" and ("{" not in inner["format"] or not isinstance(inner["timestamp"], int)):
            yield "a date without format or timestamp"
        if set(inner.get("style", {})) - {"bold", "italic", "strike", "code"}:
            yield f"{name}: style"


def _rich_size(part: Json) -> int:
    return len(part.get("text", "")) + sum(_rich_size(inner) for inner in part.get("elements", ()))


def _mrkdwn(text: str, where: str) -> Iterator[str]:
    rest = _LINKED.sub("", _DATE.sub("", text))
    if "<" in rest or ">" in rest:
        yield f"{where}: a sign that isn't escaped in {rest[:60]!r}"
    if re.search(r"&(?!amp;|lt;|gt;)", rest):
        yield f"{where}: a bare & in {rest[:60]!r}"
