"""Markdown that the chats would show differently is named; code and plain prose pass."""

import pytest

from bot.packs.markdown_limits import markdown_faults


@pytest.mark.parametrize(
    "text",
    [
        "Plain words, in two\nlines.\n\nAnd a paragraph.",
        "Call `mlflow.register_model(\"runs:/<id>/m\", 'x')`, not `*args`.",
        "```python\n# no heading\n- no list\n*x*\n```\nWhat does it print?",
        "3 < 4 and snake_case_name and 2 * 3 = 6, a & b, 50 %, C# is fine",
        "`` a ` b ``",
        "An e-mail @ home (really), [brackets] as such.",
    ],
)
def test_allowed(text: str) -> None:
    assert markdown_faults(text) == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[x](https://example.org)", "link"),
        ("<https://example.org>", "link"),
        ("see https://example.org now", "address"),
        ("[x]: https://example.org\n\nsee x", "link definition"),
        ("![x](y.png)", "image"),
        ("*x*", "emphasis"),
        ("_x_", "emphasis"),
        ("**x**", "bold"),
        ("~~x~~", "struck-out"),
        ("# x", "heading"),
        ("x\n===", "heading"),
        ("- x", "list"),
        ("1. x", "list"),
        ("> x", "block quote"),
        ("***", "rule"),
        ("a | b\n--|--\n1 | 2", "table"),
        ("    x", "indentation"),
        ("a <b>c</b>", "HTML"),
        ("runs:/<path>/x", "HTML"),
        ("<div>\nx\n</div>", "HTML"),
        ("x  \ny", "line break"),
        ("x\\\ny", "line break"),
        ("\\*x", "escape"),
        ("&amp;", "entity"),
        ("an open ` tick", "backtick"),
        ("```\nx", "never closed"),
    ],
)
def test_not_allowed(text: str, word: str) -> None:
    assert any(word in fault for fault in markdown_faults(text))


def test_each_construct_is_named_once_and_all_are_named() -> None:
    found = markdown_faults("*a* and *b* and **c**\n\n- d\n- e")
    assert len(found) == 3
