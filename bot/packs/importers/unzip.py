"""Opens zip files from strangers: sizes are bounded, and nothing is written by the names inside."""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable

from bot.packs.importers.drafts import MAX_BYTES

MAX_MEMBERS = 2000


# What the library ends in where an archive is broken: it was made for sound ones. An empty name is an IndexError.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError, IndexError, KeyError, OverflowError),
)


class Refused(Exception):
    """The archive can't be read; the text says why."""


def members(raw: bytes, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """The files that are `wanted` by name. Raises Refused, also if together they unpack to more than MAX_BYTES."""
    found: dict[str, bytes] = {}
    left = MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and wanted(entry.filename)]
            if len(entries) > MAX_MEMBERS:
                raise Refused(f"it holds more than {MAX_MEMBERS} files")
            for entry in entries:
                with archive.open(entry) as file:
                    content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise Refused(f"it unpacks to more than {MAX_BYTES // 1_000_000} MB")
                found[entry.filename] = content
    except _BROKEN as error:
        raise Refused(f"it is no sound zip archive ({error})") from None
    return found
