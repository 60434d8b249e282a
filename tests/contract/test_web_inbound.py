"""What members of the web space send, as the actions it stands for."""

import pytest

from bot.adapters.web import inbound
from bot.adapters.web.inbound import Sent
from bot.adapters.web.settings import WebSettings
from bot.app.actions import Actor
from bot.app.commands import COMMANDS
from bot.app.space import Joined
from bot.core.refs import ChannelRef, MemberRef, Platform, WorkspaceRef

WORKSPACE = WorkspaceRef(Platform.WEB, "local")
SETTINGS = WebSettings(
    secret=b"s" * 32, channel=ChannelRef(WORKSPACE, "exam-prep"), channel_name="exam-prep", workspace_name="Team"
)
ANA = Joined(MemberRef(WORKSPACE, "m1"), "Ana", True)


def who(zone: str = "") -> Actor:
    return inbound.actor(ANA, SETTINGS, zone=zone)


def test_the_actor_is_who_joined_in_the_one_channel() -> None:
    actor = who("Europe/Berlin")
    assert (actor.member, actor.name, actor.manages) == (ANA.member, "Ana", True)
    assert (actor.channel, actor.channel_name, actor.workspace_name) == (SETTINGS.channel, "exam-prep", "Team")
    assert actor.zone == "Europe/Berlin"


@pytest.mark.parametrize("zone", ["", "../../etc/passwd", "Europe/Berlin\n", "x" * 80, "<b>"])
def test_what_can_not_be_a_zone_is_no_guess_at_one(zone: str) -> None:
    assert who(zone).zone is None


@pytest.mark.parametrize(
    ("line", "name", "text"),
    [
        ("/stats", "stats", ""),
        ("stats", "stats", ""),
        ("  /leaderboard   month  workspace ", "leaderboard", "month workspace"),
        ("/trapwise pause", "pause", ""),
        ("trapwise schedule 09:00 Europe/Berlin", "schedule", "09:00 Europe/Berlin"),
        ("/Trapwise HELP", "help", ""),
        ("/trapwise", "help", ""),
        ("", "help", ""),
        ("   ", "help", ""),
        ("/", "", ""),
        ("hello there", "hello", "there"),
    ],
)
def test_a_line_is_a_command_and_the_rest(line: str, name: str, text: str) -> None:
    command = inbound.command(line, who())
    assert (command.name, command.text) == (name, text)


def test_an_endless_line_is_cut() -> None:
    assert len(inbound.command("/tip " + "x " * 5000, who()).text) < inbound.LONGEST_LINE


def test_every_command_is_offered_to_managers_and_none_of_theirs_to_others() -> None:
    offered = {line for line, _ in inbound.completions(manages=True)}
    assert {spec.typed for spec in COMMANDS} <= offered
    for_others = {line for line, _ in inbound.completions(manages=False)}
    assert for_others == {line for spec in COMMANDS if not spec.managers for line in (spec.typed, spec.example) if line}


@pytest.mark.parametrize("manages", [True, False])
def test_the_buttons_are_commands_that_need_no_argument(manages: bool) -> None:
    lines = [line for line, _ in inbound.buttons(manages=manages, paged=("stats",))]
    assert "/stats" not in lines
    assert 0 < len(lines) <= 8
    by_line = {spec.typed: spec for spec in COMMANDS}
    assert all(not any(argument.required for argument in by_line[line].arguments) for line in lines)
    assert manages or not any(by_line[line].managers for line in lines)


def test_a_press_carries_the_first_token() -> None:
    sent = Sent((("csrf", "x"), ("token", "tw1:a:3:B"), ("token", "tw1:a:3:C")))
    assert inbound.press(sent, who()).token == "tw1:a:3:B"
    assert inbound.press(Sent(()), who()).token == ""


def test_a_form_keeps_several_values_together_and_leaves_out_what_is_not_its_own() -> None:
    sent = Sent((("token", "tw1:c:setup"), ("csrf", "x"), ("f.time", " 09:00 "), ("f.days", "mon"), ("f.days", "tue")))
    submission = inbound.submission(sent, who())
    assert submission.token == "tw1:c:setup"
    assert submission.values == (("time", ("09:00",)), ("days", ("mon", "tue")))
