"""Values to columns and back."""

import json
from datetime import UTC, date, datetime, timedelta

from bot.core.item import Difficulty, Item, Kind, Option

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(instant: datetime) -> int:
    """Milliseconds since 1970 in UTC, rounded down."""
    return (instant - _EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    """The instant, aware, in UTC."""
    return _EPOCH + timedelta(milliseconds=ms)


def item_body(item: Item) -> str:
    """An item as stored with its revision: all that is needed to show and judge it again, whatever the pack says."""
    return json.dumps(
        {
            "pack": item.pack,
            "id": item.id,
            "domain": item.domain,
            "kind": item.kind,
            "difficulty": item.difficulty,
            "stem": item.stem,
            "options": [[o.id, o.text, o.why, o.trap] for o in item.options],
            "key": item.key,
            "takeaway": item.takeaway,
            "sources": item.sources,
            "references": item.references,
            "checked": item.checked.isoformat(),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def item_from_body(body: str) -> Item:
    """The item that `item_body` wrote."""
    raw = json.loads(body)
    return Item(
        id=raw["id"],
        pack=raw["pack"],
        domain=raw["domain"],
        kind=Kind(raw["kind"]),
        difficulty=Difficulty(raw["difficulty"]),
        stem=raw["stem"],
        options=tuple(Option(*option) for option in raw["options"]),
        key=raw["key"],
        takeaway=raw["takeaway"],
        sources=tuple(raw["sources"]),
        references=tuple(raw["references"]),
        checked=date.fromisoformat(raw["checked"]),
    )
