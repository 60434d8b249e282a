"""Checks bodies against Discord's published API description, where a copy of it lies beside the repository."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

PLACE = Path(__file__).parents[3] / "shared" / "specs" / "discord-openapi.json"
_URN = "urn:discord"
_METHODS = ("get", "put", "post", "patch", "delete")


class DiscordSpec:
    """The description, loaded once."""

    def __init__(self, path: Path) -> None:
        self._whole = json.loads(path.read_text(encoding="utf-8"))
        resource: Resource[Any] = Resource.from_contents(self._whole, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(_URN, resource)
        self._routes = [
            (re.compile(re.sub(r"\{[a-z_0-9]+\}", "[^/]+", path) + "$"), path) for path in self._whole["paths"]
        ]
        # A literal part beats a placeholder: /users/@me over /users/{user_id}.
        self._routes.sort(key=lambda route: route[1].count("{"))

    def faults(self, method: str, path: str, body: Any) -> list[str]:
        """What the description says is wrong with a request, one line each."""
        known = next((found for pattern, found in self._routes if pattern.match(path)), None)
        operation = self._whole["paths"].get(known, {}).get(method.lower()) if known else None
        if operation is None:
            return [f"{method} {path} is not in the description"]
        if body is None:
            return []
        media = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in media:
            return []
        steps = ("paths", known, method.lower(), "requestBody", "content", "application/json", "schema")
        pointer = "/".join(quote(str(step).replace("~", "~0").replace("/", "~1"), safe="~") for step in steps)
        validator = Draft202012Validator({"$ref": f"{_URN}#/{pointer}"}, registry=self._registry)
        return [_told(leaf) for error in validator.iter_errors(_snowflakes(body)) for leaf in _leaves(error)]


def _snowflakes(value: Any) -> Any:
    """Ids as text: discord.py sends some as numbers, which Discord takes and its description doesn't."""
    if isinstance(value, dict):
        return {key: _named(key, found) for key, found in value.items()}
    if isinstance(value, list):
        return [_snowflakes(found) for found in value]
    big = isinstance(value, int) and not isinstance(value, bool) and value > 2**53
    return str(value) if big else value


def _named(key: str, found: Any) -> Any:
    if key.endswith("_id") and isinstance(found, int):
        return str(found)
    if key != "attachments":
        return _snowflakes(found)
    # A file to upload is named by its number among the files, which counts as an id too.
    return [file | {"id": str(file["id"])} if "id" in file else file for file in found or ()]


def _leaves(error: ValidationError) -> list[ValidationError]:
    """The errors that matter: of a union, those of the branch whose `type` fits best."""
    if not error.context:
        return [error]
    branches: dict[Any, list[ValidationError]] = {}
    for found in error.context:
        branches.setdefault(found.schema_path[0], []).append(found)
    best = min(branches.values(), key=_misfit)
    return [leaf for found in best for leaf in _leaves(found)]


def _misfit(errors: list[ValidationError]) -> tuple[int, int]:
    wrong_kind = sum(1 for e in errors for leaf in _leaves(e) if list(leaf.absolute_path)[-1:] == ["type"])
    return wrong_kind + sum(1 for e in errors if e.validator == "type" and not e.path), len(errors)


def _told(error: ValidationError) -> str:
    where = "/".join(str(step) for step in error.absolute_path)
    return f"{where or 'body'}: {error.message[:200]}"


@cache
def spec() -> DiscordSpec | None:
    """The description; None where there is no copy, so that only the hand rules are checked."""
    return DiscordSpec(PLACE) if PLACE.is_file() else None
