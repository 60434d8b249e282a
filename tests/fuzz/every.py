"""All targets, in the order in which they are run."""

from tests.fuzz import discord_target, slack_target, text_targets, web_target
from tests.fuzz.target import Target

TARGETS: tuple[Target, ...] = (
    *text_targets.TARGETS,
    *slack_target.TARGETS,
    *discord_target.TARGETS,
    *web_target.TARGETS,
)
