"""The application commands, as they are registered."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.adapters.discord import commands, inbound, naming
from bot.adapters.discord.permissions import INVITE, NEEDED
from bot.app.commands import COMMANDS, Argument, Spec, Takes
from bot.app.suggestions import Suggestions
from tests.support import wire_discord_rules as rules
from tests.support.builders import a_pack
from tests.support.wire_discord_spec import spec

PACK = a_pack()


def by_name(name: str) -> dict[str, Any]:
    return next(command for command in commands.payload(COMMANDS) if command["name"] == name)


def offered(takes: Takes, typed: str) -> list[str]:
    argument = Argument(name="x", takes=takes, summary="X")
    return [value for _, value in Suggestions({PACK.id: PACK}, PACK.id, "Europe/Berlin").offer(argument, typed)]


def test_discord_takes_them_all() -> None:
    payload = commands.payload(COMMANDS)
    assert rules.command_faults(payload) == []
    described = spec()
    if described is not None:
        assert described.faults("PUT", "/applications/1/commands", payload) == []


def test_every_command_of_the_table_is_there() -> None:
    alone = {command["name"] for command in commands.payload(COMMANDS)} - {"trapwise", "trapwise-admin"}
    members = {option["name"] for option in by_name("trapwise")["options"]}
    managers = {option["name"] for option in by_name("trapwise-admin")["options"]}
    assert alone == {found.name for found in COMMANDS if not found.grouped}
    assert members == {found.name for found in COMMANDS if found.grouped and not found.managers}
    assert managers == {found.name for found in COMMANDS if found.grouped and found.managers}


def test_only_what_managers_may_do_is_hidden_from_others_and_only_in_servers() -> None:
    hidden = [found for found in commands.payload(COMMANDS) if found["default_member_permissions"] is not None]
    assert [(found["name"], found["contexts"], found["integration_types"]) for found in hidden] == [
        ("trapwise-admin", [0], [0])
    ]
    # Whoever Discord shows them to by default is one whom the bot obeys.
    assert inbound.manages(hidden[0]["default_member_permissions"])


def test_practice_works_in_servers_and_direct_messages_for_servers_and_people() -> None:
    quiz = by_name("quiz")
    assert quiz["contexts"] == [0, 1, 2]
    assert quiz["integration_types"] == [0, 1]


def test_a_command_for_managers_alone_says_so_to_discord() -> None:
    alone = Spec(name="sweep", summary="Sweep", managers=True, in_channel=True)
    [sent] = commands.payload([alone])
    assert sent["default_member_permissions"] == 1 << 4
    assert sent["contexts"] == [0]
    assert sent["integration_types"] == [0]


def test_a_manager_command_that_makes_sense_elsewhere_leaves_its_group_open() -> None:
    everywhere = Spec(name="sweep", summary="Sweep", grouped=True, managers=True)
    [sent] = commands.payload([everywhere, replace(everywhere, name="dust", in_channel=True)])
    assert (sent["name"], sent["contexts"]) == ("trapwise-admin", [0, 1, 2])


@pytest.mark.parametrize(
    ("elsewhere", "here"),
    [
        ("Type /trapwise setup in it.", "Type /trapwise-admin setup in it."),
        ("Choose with /trapwise schedule pack=…", "Choose with /trapwise-admin schedule pack:…"),
        ("/trapwise settings shows you again.", "/trapwise settings shows you again."),
        ("Try /trapwise skip 2026-12-24.", "Try /trapwise-admin skip date:2026-12-24."),
        ("/leaderboard month", "/leaderboard window:month"),
        ("/trapwise setup, /trapwise post-now", "/trapwise-admin setup, /trapwise-admin post-now"),
        ("/trapwise setups", "/trapwise setups"),
        ("no command at all", "no command at all"),
    ],
)
def test_sentences_name_commands_as_they_are_called_here(elsewhere: str, here: str) -> None:
    assert naming.spoken(elsewhere) == here
    assert naming.spoken(here) == here


def test_every_example_of_the_table_can_be_given_here() -> None:
    payload = commands.payload(COMMANDS)
    for spec_ in COMMANDS:
        if not spec_.example:
            continue
        name, *words = naming.example(spec_).removeprefix("/").split()
        sub = words.pop(0) if spec_.grouped else ""
        given = {key: int(value) if value.isdigit() else value for key, _, value in (w.partition(":") for w in words)}
        assert len(given) == len(spec_.example.removeprefix(spec_.typed).split())
        assert rules.invocation_fault(payload, name, sub, given) == ""


def test_every_sentence_of_the_product_names_them_so() -> None:
    """Wherever the code has a sentence with a manager's command, it comes out right."""
    root = Path(__file__).parents[2] / "bot"
    pages = [root / "app" / "channels.py", *(root / "view").glob("*.py")]
    names = "|".join(found.name for found in COMMANDS if found.managers)
    said = [line for page in pages for line in page.read_text(encoding="utf-8").splitlines() if "/trapwise " in line]
    assert any(re.search(rf"/trapwise ({names})\b", line) for line in said)
    assert not [line for line in said if re.search(rf"/trapwise ({names})\b", naming.spoken(line))]


def test_required_options_come_first() -> None:
    optional = Argument(name="a", takes=Takes.DATE, summary="A")
    required = Argument(name="b", takes=Takes.DATE, summary="B", required=True)
    [sent] = commands.payload([Spec(name="x", summary="X", arguments=(optional, required))])
    assert [option["name"] for option in sent["options"]] == ["b", "a"]


def test_the_fingerprint_changes_with_what_is_registered_and_where() -> None:
    payload = commands.payload(COMMANDS)
    same = commands.fingerprint(payload, application=1, guild=None)
    assert same == commands.fingerprint(commands.payload(tuple(COMMANDS)), application=1, guild=None)
    others = {
        commands.fingerprint(payload[:-1], application=1, guild=None),
        commands.fingerprint(payload, application=2, guild=None),
        commands.fingerprint(payload, application=1, guild=5),
    }
    assert same not in others
    assert len(others) == 3


def test_suggestions_fit_what_is_typed_and_are_never_too_many() -> None:
    assert offered(Takes.DOMAIN, "prac") == ["practice"]
    assert offered(Takes.PACK, "") == [PACK.id]
    assert offered(Takes.ZONE, "")[0] == "Europe/Berlin"
    assert "America/New_York" in offered(Takes.ZONE, "new york")
    assert len(offered(Takes.ZONE, "a")) == 25
    assert offered(Takes.TRAP, "no such trap") == []
    assert offered(Takes.TIME, "9") == []


def test_the_documented_invitation_asks_for_what_is_needed_and_no_more() -> None:
    page = (Path(__file__).parents[2] / "docs" / "connect-discord.md").read_text(encoding="utf-8")
    assert f"scope=bot+applications.commands&permissions={INVITE.value}\n" in page
    wanted = dict.fromkeys((*NEEDED, "attach_files", "read_message_history"), True)
    assert discord.Permissions(**wanted) == INVITE
