"""Writes the files that members ask for, such as an export."""

import os
from itertools import count
from pathlib import Path

from bot.view.card import Attachment

_KEPT = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def save(attachment: Attachment, folder: Path) -> Path:
    """Write the file beside what is there, never over it, for this user's eyes only; raises OSError."""
    name = "".join(c if c in _KEPT else "-" for c in attachment.name).lstrip(".-") or "trapwise"
    stem, dot, ending = name.rpartition(".")
    for n in count(1):
        path = folder / (name if n == 1 else f"{stem}-{n}{dot}{ending}" if stem else f"{name}-{n}")
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with open(handle, "wb") as file:
            file.write(attachment.content)
        return path
    raise AssertionError("count() has no end")
