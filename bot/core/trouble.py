"""What can be amiss with the bot itself and goes on until it is mended."""

from enum import StrEnum


class Trouble(StrEnum):
    """What members read of it is in view.wording; the host finds the particulars in the log."""

    BACKUP = "backup"
    DAMAGED = "damaged"
    RETENTION = "retention"
