"""The command line: `python -m bot` or `trapwise`."""

import importlib

import click

from bot import __version__

# Name, module and what it does. A command's module is imported when it is used or asked for help, so that
# `--help` and start-up load no more than they need.
_COMMANDS = {
    "run": ("bot.cli.run", "Run the bot."),
    "play": ("bot.cli.play", "Play in this terminal."),
    "check": ("bot.cli.check", "Check settings, packs and the database."),
    "pack": ("bot.cli.pack", "Work on content packs."),
    "slack": ("bot.cli.slack", "Print the manifest that connects Slack."),
    "data": ("bot.cli.data", "Back up, restore, move, check, rebuild, export or forget data."),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        found = getattr(importlib.import_module(_COMMANDS[cmd_name][0]), cmd_name)
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="trapwise")
def main() -> None:
    """Trapwise: one trap question a day for teams that prepare for a certification exam."""


if __name__ == "__main__":
    main(prog_name="trapwise")
