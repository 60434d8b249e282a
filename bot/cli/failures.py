"""What goes wrong in a command, as sentences."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.core.errors import TrapwiseError


@contextmanager
def sentences() -> Iterator[None]:
    """Failures as sentences and exit code 1, not as tracebacks."""
    try:
        yield
    except TrapwiseError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise click.ClickException(f"{where}{error.strerror}. Check the name, its rights and the space left.") from None
