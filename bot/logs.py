"""Logging: one line per event on standard error, secrets blotted out, and short codes to find an event by."""

import logging
import re
import secrets
import sys
from collections.abc import Iterable

_SHAPES = re.compile(
    r"xox[abeprs]-[\w-]+|xapp-[\w-]+"  # Slack
    r"|[MNO][\w-]{23,27}\.[\w-]{6,7}\.[\w-]{27,}"  # Discord
    r"|(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"  # user:password in an address
)

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without signs that are mistaken for one another when read out."""


def reference() -> str:
    """A short code that ties what a member is told to the line in the log."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(5))


class Redacted(logging.Formatter):
    """Formats records, then blots out everything that looks like a token, tracebacks included."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
        self._known = tuple(secret for secret in known if len(secret) >= 6)

    def format(self, record: logging.LogRecord) -> str:
        """The line, with secrets replaced."""
        line = _SHAPES.sub("[secret]", super().format(record))
        for secret in self._known:
            line = line.replace(secret, "[secret]")
        return line


def set_up(level: str, known_secrets: Iterable[str] = ()) -> None:
    """Send everything from `level` on to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacted(known_secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # They tell of every job and request; what matters of it we log ourselves.
    for chatty in ("apscheduler", "aiohttp.access", "filelock"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
