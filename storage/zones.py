"""Time zones by the names that are stored. Zone data comes from the machine, and may have lost one since."""

import io
import struct
from zoneinfo import ZoneInfo

# The smallest file of zone data there can be (https://www.rfc-editor.org/rfc/rfc8536#section-3): always UTC.
_UTC = b"TZif" + bytes(16) + struct.pack(">6l", 0, 0, 0, 0, 1, 4) + struct.pack(">lbb", 0, 0, 0) + b"UTC\0"


def zone_named(name: str) -> tuple[ZoneInfo, bool]:
    """The zone, and whether the machine knows it; if not, one of that name that keeps UTC, so that the name stays."""
    try:
        return ZoneInfo(name), True
    except Exception:  # a file of zone data that is broken raises many kinds, and it must not silence other channels
        return ZoneInfo.from_file(io.BytesIO(_UTC), key=name), False
