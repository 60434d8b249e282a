"""`trapwise pack preview`: an item as each platform shows it."""

import json
from pathlib import Path

import pytest
from click import Choice
from click.testing import CliRunner, Result

from bot.cli.pack import pack, preview_item
from bot.cli.preview import PLATFORMS
from tests.support.tea_pack import write_tea_pack


def run(content: Path, *arguments: str) -> Result:
    return CliRunner().invoke(pack, ["--content", str(content), "preview", *arguments])


def test_the_terminal_shows_the_question_and_then_every_option_explained(tmp_path: Path) -> None:
    write_tea_pack(tmp_path)
    result = run(tmp_path, "leaf-1")
    assert result.exit_code == 0
    question, explained = result.output.split("All options explained")
    assert "What makes black tea differ from green tea?" in question
    assert "  B  The oxidation" in question
    assert "the answer" not in question
    assert "✓ B  The oxidation\n     the answer\n     Leaves that oxidise darken" in explained
    assert "(one plant per colour) There is only one plant for both." in explained


def test_the_web_prints_a_page_with_both_cards(tmp_path: Path) -> None:
    write_tea_pack(tmp_path)
    result = run(tmp_path, "leaf-1", "--as", "web")
    assert result.exit_code == 0
    assert result.output.startswith("<!doctype html>")
    assert "<style>\n" in result.output
    assert result.output.count("What makes black tea differ from green tea?") == 2
    assert "Leaves that oxidise darken" in result.output


@pytest.mark.parametrize("platform", ["slack", "discord"])
def test_the_others_print_what_would_be_sent(platform: str, tmp_path: Path) -> None:
    write_tea_pack(tmp_path)
    result = run(tmp_path, "leaf-1", "--as", platform)
    assert result.exit_code == 0, result.output
    decoder = json.JSONDecoder()
    first, end = decoder.raw_decode(result.output)
    second, _ = decoder.raw_decode(result.output[end:].lstrip())
    question, explained = (json.dumps(payload, ensure_ascii=False) for payload in (first, second))
    assert "What makes black tea differ from green tea?" in question
    assert "Leaves that oxidise darken" not in question
    assert "Leaves that oxidise darken" in explained


def test_every_platform_that_can_be_chosen_can_be_shown() -> None:
    option = next(p for p in preview_item.params if p.name == "platform")
    assert isinstance(option.type, Choice)
    assert set(option.type.choices) == set(PLATFORMS)


def test_an_unknown_item_is_answered_with_one_that_is_there(tmp_path: Path) -> None:
    write_tea_pack(tmp_path)
    result = run(tmp_path, "leef-1")
    assert result.exit_code == 1
    assert "There is no item leef-1; did you mean 'leaf-1'?" in result.output


def test_a_pack_can_be_named(tmp_path: Path) -> None:
    write_tea_pack(tmp_path)
    assert run(tmp_path, "leaf-1", "--pack", "my-exam").exit_code == 0
    assert "There is no pack my-exm" in run(tmp_path, "leaf-1", "--pack", "my-exm").output
