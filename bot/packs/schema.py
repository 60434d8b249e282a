"""Makes the JSON Schema of an items file, for editors that check and complete while an author types.

It is made of the descriptions that the loader checks by (`fields`), so the two can't drift apart. The loader
knows more: it also checks ids across files, Markdown and what filled placeholders yield.
"""

import json
from typing import Any, assert_never

from bot.packs.fields import ITEM, MIN_OPTIONS, OPTION_IDS, OPTIONS
from bot.packs.shapes import Choice, Day, ListOf, Number, Record, Shape, Text, Values, Word

FILE_NAME = "item.schema.json"

Schema = dict[str, Any]


def items_schema() -> Schema:
    """The schema of items/<domain>.yaml, JSON Schema draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Items of one domain of a Trapwise content pack",
        "type": "array",
        "items": _schema(ITEM),
    }


def items_schema_text() -> str:
    """The schema as the file content/item.schema.json holds it."""
    return json.dumps(items_schema(), indent=2, ensure_ascii=False) + "\n"


def _schema(shape: Shape) -> Schema:
    match shape:
        case Text():
            # Space at the ends does not count for the loader, but editors can't know that: leave room for a newline.
            return {"type": "string", "minLength": shape.minimum, "maxLength": shape.maximum + 1}
        case Word():
            return {"type": "string", "pattern": f"^{shape.pattern}$", "maxLength": shape.maximum}
        case Choice():
            return {"enum": [str(word) for word in shape.words]}
        case Number():
            return {"type": "integer", "minimum": shape.minimum, "maximum": shape.maximum}
        case Day():
            return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
        case ListOf():
            return {
                "type": "array",
                "items": _schema(shape.of),
                "minItems": shape.minimum,
                "maxItems": shape.maximum,
                "uniqueItems": True,
            }
        case Values():
            return {
                "type": "object",
                "propertyNames": {"pattern": f"^{shape.name.pattern}$", "maxLength": shape.name.maximum},
                "additionalProperties": _schema(shape.value),
                "maxProperties": shape.maximum,
            }
        case Record():
            return _record(shape)
        case _:
            assert_never(shape)


def _record(shape: Record) -> Schema:
    found: Schema = {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in shape.fields if field.required],
        "properties": {field.name: {"description": field.about, **_schema(field.shape)} for field in shape.fields},
    }
    if shape is OPTIONS:
        later = range(MIN_OPTIONS + 1, len(OPTION_IDS))
        found["dependentRequired"] = {OPTION_IDS[i]: [OPTION_IDS[i - 1]] for i in later}
    return found
