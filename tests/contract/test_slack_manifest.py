"""The manifest: made from the table of commands, valid by Slack's schema, and asking for no more than is used."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema.validators import validator_for

from bot.__main__ import main
from bot.adapters.slack.manifest import OPTIONAL, SCOPES, manifest
from bot.app.commands import COMMANDS
from tests.support.wire_slack import FakeSlack

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "slack-manifest.yaml"

# Slack publishes the schema; it isn't ours to pass on. Point the variable at a copy to check against it:
# https://github.com/slackapi/manifest-schema
SCHEMA = Path(__file__).parents[3] / "shared" / "specs" / "slack-manifest.schema.json"


def printed(*arguments: str) -> dict[str, Any]:
    """What the command line prints."""
    result = CliRunner().invoke(main, ["slack", "manifest", *arguments])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = yaml.safe_load(result.output)
    return found


def test_the_committed_file_is_current() -> None:
    assert yaml.safe_load(COMMITTED.read_text()) == printed(), (
        "run `trapwise slack manifest > slack-manifest.yaml` after changing the table of commands"
    )


@pytest.mark.skipif(not SCHEMA.is_file(), reason="no copy of Slack's published schema beside the repository")
@pytest.mark.parametrize("http", ["", "https://quiz.example.org"])
def test_slack_would_take_it(http: str) -> None:
    schema = json.loads(SCHEMA.read_text())
    faults = validator_for(schema)(schema).iter_errors(manifest(http=http))
    assert [f"{fault.json_path}: {fault.message}" for fault in faults] == []


def test_every_command_of_its_own_is_in_it() -> None:
    found = {command["command"] for command in manifest()["features"]["slash_commands"]}
    assert found == {"/trapwise", *(f"/{spec.name}" for spec in COMMANDS if not spec.grouped)}
    assert len(found) <= 50
    for command in manifest()["features"]["slash_commands"]:
        assert len(command["command"]) <= 32
        assert 0 < len(command["description"]) <= 2000
        assert len(command.get("usage_hint", "")) <= 1000


def test_over_http_everything_has_an_address() -> None:
    found = printed("--http", "https://quiz.example.org/")
    address = "https://quiz.example.org/slack/events"
    assert {command["url"] for command in found["features"]["slash_commands"]} == {address}
    assert found["settings"]["interactivity"]["request_url"] == address
    assert found["settings"]["event_subscriptions"]["request_url"] == address
    assert found["oauth_config"]["redirect_urls"] == ["https://quiz.example.org/slack/oauth_redirect"]
    assert not found["settings"]["socket_mode_enabled"]
    assert "url" not in str(printed()["settings"])


def test_an_address_without_tls_is_refused() -> None:
    result = CliRunner().invoke(main, ["slack", "manifest", "--http", "http://quiz.example.org"])
    assert result.exit_code == 2
    assert "https://" in result.output


def test_no_scope_reads_channels_and_each_is_used() -> None:
    asked = set(manifest()["oauth_config"]["scopes"]["bot"])
    assert not [
        scope for scope in asked if "history" in scope or scope.endswith((":read", ":join")) and scope != "users:read"
    ]
    assert asked == set(SCOPES)
    assert set(OPTIONAL) <= asked
    assert asked - {"commands"} == {scope for scope in FakeSlack.METHODS.values() if scope}
