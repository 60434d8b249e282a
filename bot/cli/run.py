"""`trapwise run`: the bot, until it is asked to stop."""

import asyncio
import sys

import click

from bot.core.errors import TrapwiseError


@click.command()
def run() -> None:
    """Run the bot.

    Settings come from the environment and from a file .env in this folder; .env.example explains them. With no
    token set, a local web space starts and its address is printed. Ctrl-C stops it; nothing is lost by that.
    """
    from bot import compose, config, logs

    try:
        settings = config.load()
        logs.set_up(settings.log_level, settings.secrets)
        asyncio.run(compose.run(settings, say=lambda line: click.echo(line)))
    except TrapwiseError as error:
        click.echo(f"{error}", err=True)
        sys.exit(1)
