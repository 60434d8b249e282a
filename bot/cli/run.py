"""`trapwise run`: the bot, until it is asked to stop."""

import asyncio
import faulthandler
import gc
import logging
import mmap
import os
import sys

import click

from bot.core.errors import GaveUp, TrapwiseError

NEEDS_SOMEBODY, START_ANEW = 1, 3
"""Exit codes for whoever supervises the process: 1 comes again at each start until somebody has mended something."""

COLLECT_AFTER = 1_000_000, 20, 20
"""When Python looks for garbage during the start. What modules and libraries make then stays; to look through it again
and again for what doesn't is a tenth of a start. Once it runs, memory.COLLECT_AFTER holds."""

_log = logging.getLogger(__name__)


@click.command()
def run() -> None:
    """Run the bot.

    Settings come from the environment and from a file .env in this folder; .env.example explains them. With no
    token set, a local web space starts and its address is printed. Ctrl-C stops it; nothing is lost by that.

    Exits with 0 when asked to stop, with 1 if it can't work until somebody mends what it says, and with 3 if it
    gave up and should be started anew.
    """
    gc.set_threshold(*COLLECT_AFTER)
    # If a library crashes, its place in the code is on stderr: functions and lines, no values, so no secrets.
    faulthandler.enable()
    from bot import compose, config, logs, memory

    memory.claim_stack()
    set_aside = mmap.mmap(-1, memory.SET_ASIDE)
    try:
        try:
            settings = config.load()
            logs.set_up(settings.log_level, settings.secrets)
            # First of all, as to write the others' lines takes memory.
            logging.getLogger().handlers.insert(0, memory.Shortage(lambda: os._exit(START_ANEW)))
            asyncio.run(compose.run(settings, say=lambda line: click.echo(line)))
        finally:
            # To say why it ends takes memory, and the lack of it may be the reason.
            set_aside.close()
    except GaveUp as error:
        click.echo(f"{error}", err=True)
        sys.exit(START_ANEW)
    except TrapwiseError as error:
        click.echo(f"{error}", err=True)
        sys.exit(NEEDS_SOMEBODY)
    except Exception:
        # Through the log, which blots out secrets; a traceback of Python's own would not.
        _log.exception("the bot failed in an unforeseen way and should be started anew")
        sys.exit(START_ANEW)
