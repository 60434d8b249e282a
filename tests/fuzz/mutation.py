"""Changes inputs at random: bytes, texts and JSON. The same random numbers make the same changes."""

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

Mutate = Callable[[Random, bytes, Sequence[bytes]], bytes]
"""A new input from one of the seeds; the others are there to take pieces from."""

_TEXTS = (
    *("0", "-1", "1", "9999999999999999999999", "1e309", "NaN", "\u0663", "\u00b2", "true", "null", "''", '""'),
    *(
        " ",
        "\n",
        "\r\n",
        "\t",
        "\0",
        "\x1f",
        "\x7f",
        "\u2028",
        "\u200b",
        "\u202e",
        "\ufeff",
        "\U0001f469\u200d\U0001f52c",
    ),
    *("<", ">", "&", "&amp;", "&#0;", "&#x110000;", "<br>", "</p>", "<![CDATA[", "]]>", "<!--", "<?", "<!DOCTYPE x"),
    *(
        "'",
        '"',
        "\\",
        "\\\\",
        "`",
        "```",
        "**",
        "_",
        "~",
        "|",
        "||",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "{{7*7}}",
        "%s",
        "%00",
    ),
    *(
        "=",
        "+",
        "-",
        "@",
        "=1+1",
        ":",
        ": ",
        "- ",
        "? ",
        "! ",
        "!!python/object:os.system",
        "&a",
        "*a",
        "<<",
        "---",
        "...",
    ),
    *(
        "../",
        "/etc/passwd",
        "//",
        "C:\\",
        "file:///",
        "javascript:",
        "' OR 1=1 --",
        "$(id)",
        "A" * 300,
        "tw1",
        "tw1:a:1:B",
    ),
    *(
        "[" * 200,
        "{" * 200,
        "<a>" * 60,
        "  " * 100,
        "ANSWER: A",
        "Trap:",
        "Reality:",
        " vs ",
        "->",
        "100 %",
        "::",
        "####",
    ),
)
_NO_TEXTS = (
    b"\xff",
    b"\xfe\xff",
    b"\xff\xfe",
    b"\x80",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"PK\x03\x04",
)

PIECES: tuple[bytes, ...] = (*(text.encode() for text in _TEXTS), *_NO_TEXTS)

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63), 2**70, 1.5, 1e308, float("inf"), float("nan")),
    *(
        "",
        " ",
        "0",
        "-1",
        "x",
        "\0",
        "\n",
        "\ud800",
        "\u202e",
        "\u200b",
        "x" * 3000,
        "\U0001f642" * 200,
        "1" * 30,
        "null",
    ),
    *(
        "tw1",
        "tw1:a:1:A",
        "tw1:c:forget-me",
        "tw1:y:forget-me",
        "tw1:c:quiz",
        "T1",
        "U1",
        "C1",
        "D1",
        "<@U1>",
        "<!here>",
    ),
    *(
        [],
        {},
        [[]],
        [None],
        [{}],
        {"": ""},
        {"a": {"a": {"a": {}}}},
        ["x"] * 100,
        {"id": None},
        {"id": "T9"},
        {"value": 1},
    ),
)


def mutated_bytes(random: Random, seed: bytes, others: Sequence[bytes]) -> bytes:
    """One to eight changes anywhere."""
    data = bytearray(seed)
    for _ in range(1 + int(random.random() ** 3 * 8)):
        at = random.randint(0, len(data))
        match random.randrange(8):
            case 0 if data:
                data[at % len(data)] ^= 1 << random.randrange(8)
            case 1:
                data[at:at] = random.choice(PIECES)
            case 2:
                del data[at : at + random.choice((1, 1, 2, 8, 40, 400))]
            case 3:
                piece = data[at : at + random.choice((1, 3, 10, 60, 300))]
                data[at:at] = piece * random.choice((1, 1, 2, 5, 40))
            case 4 if others:
                other = random.choice(others)
                start = random.randint(0, len(other))
                data[at : at + random.choice((0, 0, 10, 100))] = other[start : start + random.choice((1, 5, 30, 200))]
            case 5:
                data[at : at + 1] = bytes((random.randrange(256),))
            case 6:
                data[at:at] = random.choice(PIECES) * random.choice((1, 2, 30))
            case _:
                end = min(len(data), at + random.choice((2, 9, 50)))
                piece = data[at:end]
                del data[at:end]
                to = random.randint(0, len(data))
                data[to:to] = piece
    return bytes(data[:60_000])


def mutated_text(random: Random, text: str) -> str:
    """As for bytes, for a text. Half a character becomes a replacement sign, as where bytes are read."""
    return mutated_bytes(random, text.encode(errors="replace"), ()).decode(errors="replace")


def mutated_json(random: Random, seed: bytes, others: Sequence[bytes]) -> bytes:
    """One to four values of the JSON are changed, dropped, doubled or put elsewhere."""
    tree = json.loads(seed)
    for _ in range(1 + int(random.random() ** 2 * 4)):
        tree = _changed(random, tree, others)
    return json.dumps(tree).encode()


def _changed(random: Random, tree: Any, others: Sequence[bytes]) -> Any:
    places = list(_places(tree))
    if not places:
        return deepcopy(random.choice(ODD))
    holder, key = random.choice(places)
    match random.randrange(9):
        case 0 | 1:
            # A copy, or later changes would be made to what all inputs share.
            holder[key] = deepcopy(random.choice(ODD))
        case 2:
            del holder[key]
        case 3 if isinstance(holder[key], str):
            holder[key] = mutated_text(random, holder[key])
        case 4 if isinstance(holder[key], str):
            holder[key] += random.choice(PIECES).decode(errors="replace")
        case 5:
            from_, name = random.choice(places)
            if isinstance(from_, list) or name in from_:
                holder[key] = json.loads(json.dumps(from_[name])) if not _gone(from_, name) else None
        case 6 if isinstance(holder, list):
            # Of what is large already only one more, or a few turns would fill the memory.
            holder.extend(holder[key : key + 1] * random.choice((1, 1, 3, 30) if len(places) < 500 else (1,)))
        case 6:
            holder[mutated_text(random, str(key))] = holder[key]
        case 7 if others:
            found = list(_places(json.loads(random.choice(others))))
            if found:
                from_, name = random.choice(found)
                holder[key] = from_[name]
        case _:
            value = holder[key]
            holder[key] = random.choice(([value], {"id": value}, str(value), {"value": value}))
    return tree


def _gone(holder: Any, key: Any) -> bool:
    return isinstance(holder, list) and key >= len(holder)


def _places(tree: Any) -> Sequence[tuple[Any, Any]]:
    """Every value in the tree, as its holder and its key there."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        holder = waiting.pop()
        keys: Any = range(len(holder)) if isinstance(holder, list) else list(holder) if isinstance(holder, dict) else ()
        for key in keys:
            found.append((holder, key))
            waiting.append(holder[key])
    return found
