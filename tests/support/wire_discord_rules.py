"""What Discord refuses and its description doesn't say: rules written by hand, each from its documentation."""

import re
from collections.abc import Iterator
from typing import Any

V2 = 1 << 15
EPHEMERAL = 1 << 6

_MESSAGE_KEYS = {
    "content",
    "tts",
    "embeds",
    "components",
    "flags",
    "nonce",
    "enforce_nonce",
    "allowed_mentions",
    "attachments",
    "message_reference",
    "sticker_ids",
}
_COMMAND_KEYS = {
    "name",
    "description",
    "type",
    "options",
    "integration_types",
    "contexts",
    "default_member_permissions",
    "nsfw",
}
_NAME = re.compile(r"[-_a-z0-9]{1,32}")
_MODAL_INPUTS = {3, 4, 5, 6, 7, 8, 19, 21, 22, 23}


def units(text: str) -> int:
    """The length as Discord counts it."""
    return len(text.encode("utf-16-le")) // 2


def walk(components: Any) -> Iterator[dict[str, Any]]:
    """Every component, nested ones too, in reading order."""
    for component in components or ():
        yield component
        yield from walk(component.get("components"))
        for key in ("component", "accessory"):
            if component.get(key):
                yield from walk([component[key]])


def message_faults(
    body: dict[str, Any], *, files: dict[str, bytes], edit: bool, held: dict[str, str] | None = None
) -> list[str]:
    """What is wrong with a message to be sent or edited. `held` are its files so far, their names by id."""
    faults = [f"unknown key {key}" for key in body.keys() - _MESSAGE_KEYS]
    components, is_v2 = body.get("components") or [], bool(body.get("flags", 0) & V2)
    parts = list(walk(components))
    if any(part["type"] >= 9 for part in parts) and not is_v2:
        faults.append("layout components without their flag")
    if is_v2 and (body.get("content") or body.get("embeds")):
        faults.append("content or embeds beside layout components")
    if not edit and not (body.get("content") or body.get("embeds") or components or files):
        faults.append("an empty message")
    if body.get("allowed_mentions") != {"parse": []}:
        faults.append("a message that may ping somebody")
    if units(body.get("content") or "") > 2000:
        faults.append("content over 2000")
    faults += component_faults(parts)
    faults += _media_faults(parts, kept(body, held or {}), body.get("attachments") or [], files)
    return faults


def kept(body: dict[str, Any], held: dict[str, str]) -> dict[str, str]:
    """The files that an edit leaves to a message, names by id: those it lists, or all if it lists none at all."""
    if body.get("attachments") is None:
        return held
    listed = {str(found.get("id")) for found in body["attachments"]}
    return {number: name for number, name in held.items() if number in listed}


def component_faults(parts: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the components of a message or modal."""
    faults = []
    if len(parts) > 40:
        faults.append(f"{len(parts)} components")
    total = sum(units(part.get("content", "")) for part in parts if part["type"] == 10)
    if total > 4000:
        faults.append(f"{total} characters of text")
    faults += ["an empty text" for part in parts if part["type"] == 10 and not part["content"].strip()]
    ids = [part["custom_id"] for part in parts if part.get("custom_id")]
    faults += [f"custom_id {found} twice" for found in sorted({i for i in ids if ids.count(i) > 1})]
    numbers = [part["id"] for part in parts if part.get("id")]
    faults += [f"component id {found} twice" for found in sorted({n for n in numbers if numbers.count(n) > 1})]
    for part in parts:
        if part["type"] == 2:
            if part.get("style") != 5 and not part.get("custom_id"):
                faults.append("a button without custom_id")
            if not part.get("label") and not part.get("emoji"):
                faults.append("a button without label")
        if part["type"] == 1 and not 1 <= len(part["components"]) <= 5:
            faults.append("a row of none or over five")
        if part["type"] in (3, 21, 22):
            values = [option["value"] for option in part["options"]]
            if len(set(values)) != len(values):
                faults.append("options with the same value")
    return faults


def _media_faults(
    parts: list[dict[str, Any]], left: dict[str, str], attachments: list[Any], files: dict[str, bytes]
) -> list[str]:
    sent = {str(found["filename"]) for found in attachments if str(found.get("id")) not in left and "filename" in found}
    named = sent | set(left.values())
    shown = {str(part["file"]["url"]) for part in parts if part["type"] == 13}
    shown |= {str(item["media"]["url"]) for part in parts if part["type"] == 12 for item in part["items"]}
    faults = [f"{url} is shown and not attached" for url in shown if url.removeprefix("attachment://") not in named]
    faults += [f"{name} is attached and not shown" for name in named if f"attachment://{name}" not in shown]
    faults += [
        "a picture without alt text"
        for part in parts
        if part["type"] == 12
        for item in part["items"]
        if not item.get("description")
    ]
    if set(files) != sent:
        faults.append(f"files {sorted(files)} sent, {sorted(sent)} named")
    return faults


def modal_faults(data: dict[str, Any]) -> list[str]:
    """What is wrong with a modal."""
    parts = list(walk(data.get("components")))
    faults = component_faults(parts)
    if not 1 <= len(data.get("components") or []) <= 5:
        faults.append("a modal of none or over five")
    if not data.get("title") or not data.get("custom_id"):
        faults.append("a modal without title or custom_id")
    for top in data.get("components") or []:
        if top["type"] not in (10, 18):
            faults.append(f"component {top['type']} at the top of a modal")
        if top["type"] == 18 and top["component"]["type"] not in _MODAL_INPUTS:
            faults.append(f"component {top['component']['type']} in a label")
    faults += ["a disabled input in a modal" for part in parts if part.get("disabled")]
    return faults


def command_faults(commands: list[dict[str, Any]]) -> list[str]:
    """What is wrong with a list of application commands."""
    names = [command["name"] for command in commands]
    faults = ["two commands of one name"] if len(set(names)) != len(names) else []
    for command in commands:
        faults += [f"unknown key {key}" for key in command.keys() - _COMMAND_KEYS]
        faults += _option_faults(command, depth=0)
        if _weight(command) > 8000:
            faults.append(f"{command['name']} is longer than 8000")
        if command.get("options") and all(option["type"] == 1 for option in command["options"]):
            continue
        if any(option["type"] == 1 for option in command.get("options") or ()):
            faults.append(f"{command['name']} mixes subcommands and options")
    return faults


def _option_faults(holder: dict[str, Any], *, depth: int) -> list[str]:
    name = holder.get("name", "")
    faults = [] if _NAME.fullmatch(name) else [f"name {name!r}"]
    if not 1 <= units(holder.get("description", "")) <= 100:
        faults.append(f"description of {name}")
    options = holder.get("options") or []
    if len(options) > 25:
        faults.append(f"{len(options)} options of {name}")
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        faults.append(f"a required option of {name} behind an optional one")
    for option in options:
        faults += _option_faults(option, depth=depth + 1)
        if option.get("choices") and option.get("autocomplete"):
            faults.append(f"{option['name']} has choices and completion")
        if len(option.get("choices") or []) > 25:
            faults.append(f"{option['name']} has too many choices")
    return faults


def _weight(holder: dict[str, Any]) -> int:
    own = units(holder.get("name", "")) + units(holder.get("description", ""))
    own += sum(units(str(c["name"])) + units(str(c["value"])) for c in holder.get("choices") or ())
    return own + sum(_weight(option) for option in holder.get("options") or ())


def invocation_fault(commands: list[dict[str, Any]], name: str, sub: str, given: dict[str, Any]) -> str:
    """Why nobody could give this command with these options; nothing if they could."""
    found = next((command for command in commands if command["name"] == name), None)
    if found is None:
        return f"there is no /{name}"
    subs = {option["name"]: option for option in found.get("options") or () if option["type"] == 1}
    if bool(subs) != bool(sub) or (sub and sub not in subs):
        return f"/{name} has no {sub or 'form without a subcommand'}"
    options = {option["name"]: option for option in (subs[sub] if sub else found).get("options") or ()}
    for key, value in given.items():
        if key not in options:
            return f"/{name} {sub} has no option {key}"
        choices = [choice["value"] for choice in options[key].get("choices") or ()]
        if isinstance(value, int) != (options[key]["type"] == 4) or (choices and value not in choices):
            return f"/{name} {sub} {key} can't be {value!r}"
    lacking = [key for key, option in options.items() if option.get("required") and key not in given]
    return f"/{name} {sub} needs {lacking}" if lacking else ""
