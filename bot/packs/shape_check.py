"""Checks a tree against a shape and names everything that does not fit."""

import difflib
import re
from collections.abc import Iterator
from datetime import date
from typing import assert_never

from bot.packs.faults import Fault
from bot.packs.markdown_limits import markdown_faults
from bot.packs.shapes import Choice, Day, ListOf, Number, Record, Shape, Text, Values, Word
from bot.packs.yamltree import Hole, Listing, Mapping, Node, Scalar


def check_shape(node: Node, shape: Shape, *, file: str, label: str) -> Iterator[Fault]:
    """Every way in which `node` does not fit `shape`. `label` names it, such as `item x: options.b`."""
    if isinstance(node, Hole):
        return
    match shape:
        case Record():
            yield from _record(node, shape, file=file, label=label)
        case ListOf():
            yield from _list(node, shape, file=file, label=label)
        case Values():
            yield from _values(node, shape, file=file, label=label)
        case Text() | Word() | Choice() | Number() | Day():
            if isinstance(node, Scalar):
                for problem in _scalar(node.text.strip(), shape):
                    yield Fault(file, node.line, f"{label} {problem}")
            else:
                yield Fault(file, node.line, f"{label} is {_noun(node)}; give {_wanted(shape)}.")
        case _:
            assert_never(shape)


def text_faults(text: str, shape: Text) -> Iterator[str]:
    """What is wrong with a text, as predicates such as `is empty; write something.`"""
    if not text:
        yield "is empty; write something or remove the key."
        return
    if len(text) > shape.maximum:
        yield f"has {len(text)} characters; shorten it to {shape.maximum} or fewer."
    if len(text) < shape.minimum:
        yield f"has {len(text)} characters; write at least {shape.minimum}."
    if shape.one_line and "\n" in text:
        yield "has several lines; write it in one."
    if shape.markdown:
        for problem in markdown_faults(text):
            yield f"holds {problem}."


def suggestion(word: str, known: tuple[str, ...]) -> str:
    """`did you mean 'x'?` where a known word is close, otherwise the known words if they are few."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.7)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"use one of {', '.join(known)}." if 0 < len(known) <= 12 else "correct it or add it."


def _scalar(text: str, shape: Text | Word | Choice | Number | Day) -> Iterator[str]:
    match shape:
        case Text():
            yield from text_faults(text, shape)
        case Word():
            if len(text) > shape.maximum:
                yield f"has {len(text)} characters; shorten it to {shape.maximum} or fewer."
            if not re.fullmatch(shape.pattern, text):
                yield f"is '{_cut(text)}'; {shape.hint}."
        case Choice():
            if text not in shape.words:
                yield f"is '{_cut(text)}'; {suggestion(text, shape.words)}"
        case Number():
            if not re.fullmatch("[0-9]{1,6}", text) or not shape.minimum <= int(text) <= shape.maximum:
                yield f"is '{_cut(text)}'; give a whole number from {shape.minimum} to {shape.maximum}."
        case Day():
            if day(text) is None:
                yield f"is '{_cut(text)}'; give a date as YYYY-MM-DD."
        case _:
            assert_never(shape)


def day(text: str) -> date | None:
    """The date that YYYY-MM-DD stands for. Other ISO forms, such as 20261123, are refused."""
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _record(node: Node, shape: Record, *, file: str, label: str) -> Iterator[Fault]:
    if not isinstance(node, Mapping):
        what = label or "the file"
        yield Fault(file, node.line, f"{what} is {_noun(node)}; give keys with values ({_names(shape)}).")
        return
    fields = {field.name: field for field in shape.fields}
    absent = tuple(name for name in fields if node.get(name) is None)
    for key, value in node.entries:
        if field := fields.get(key.text):
            yield from check_shape(value, field.shape, file=file, label=join(label, key.text))
        else:
            # A misspelt key is most likely one of those that are missing.
            hint = suggestion(key.text, absent) if absent else ""
            if not hint.startswith("did"):
                hint = f"remove it (known keys: {_names(shape)})."
            yield Fault(file, key.line, f"{join(label, key.text)} is an unknown key; {hint}")
    for name in absent:
        if fields[name].required:
            yield Fault(file, node.line, f"{join(label, name)} is missing; add it.")


def _list(node: Node, shape: ListOf, *, file: str, label: str) -> Iterator[Fault]:
    if not isinstance(node, Listing):
        yield Fault(file, node.line, f"{label} is {_noun(node)}; give a list.")
        return
    if len(node.nodes) < shape.minimum:
        yield Fault(file, node.line, f"{label} has {len(node.nodes)} entries; give at least {shape.minimum}.")
    if len(node.nodes) > shape.maximum:
        yield Fault(file, node.line, f"{label} has {len(node.nodes)} entries; give at most {shape.maximum}.")
    seen: set[str] = set()
    for number, inner in enumerate(node.nodes, start=1):
        single = isinstance(shape.of, Word)
        yield from check_shape(inner, shape.of, file=file, label=label if single else f"{label}[{number}]")
        if isinstance(inner, Scalar):
            if inner.text in seen:
                yield Fault(file, inner.line, f"{label} names '{_cut(inner.text)}' twice; keep one.")
            seen.add(inner.text)


def _values(node: Node, shape: Values, *, file: str, label: str) -> Iterator[Fault]:
    if not isinstance(node, Mapping):
        yield Fault(file, node.line, f"{label} is {_noun(node)}; give names with values.")
        return
    if len(node.entries) > shape.maximum:
        yield Fault(file, node.line, f"{label} has {len(node.entries)} names; give at most {shape.maximum}.")
    for name, value in node.entries:
        yield from check_shape(name, shape.name, file=file, label=f"{label}: a name")
        yield from check_shape(value, shape.value, file=file, label=join(label, name.text))


def join(label: str, name: str) -> str:
    """`item x` and `key` make `item x: key`; `item x: options` and `b` make `item x: options.b`."""
    if not label:
        return name
    return f"{label}.{name}" if ": " in label or " " not in label else f"{label}: {name}"


def _names(shape: Record) -> str:
    return ", ".join(field.name for field in shape.fields)


def _noun(node: Node) -> str:
    match node:
        case Scalar():
            return "a text" if node.text else "empty"
        case Listing():
            return "a list"
        case Mapping():
            return "a mapping"
        case Hole():
            return "an alias"
        case _:
            assert_never(node)


def _wanted(shape: Text | Word | Choice | Number | Day) -> str:
    match shape:
        case Text():
            return "one text"
        case Word():
            return "one word"
        case Choice():
            return f"one of {', '.join(shape.words)}"
        case Number():
            return "one number"
        case Day():
            return "one date"
        case _:
            assert_never(shape)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."
