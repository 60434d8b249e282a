"""The tree of failures. Expected refusals are values (see outcomes); what is raised is one of these.

TrapwiseError
├── GaveUp               the process can't go on; starting it anew is the remedy
├── SettingsError        the environment can't be used; the message lists every fault
├── PackError            a content pack can't be loaded; carries every fault with file and line
├── StorageError
│   ├── StorageBusy      the database didn't take the write in time; nothing was saved
│   ├── StorageBroken    the database is damaged, read-only, full or gone; nothing was saved
│   ├── StorageInUse     another process has this database open
│   └── StorageUncertain the connection broke while saving: it may or may not have been saved
└── MessengerError
    ├── ChannelRefused   gone, archived or forbidden: pause its schedule and tell an admin
    │   └── CardRefused  it won't show what the message holds: the same, but it is ours to mend
    ├── RateLimited      come back after `retry_after` seconds
    ├── PlatformDown     try again later; the message was certainly not posted
    └── PostUncertain    it may or may not have been posted; look before trying again
"""


class TrapwiseError(Exception):
    """Anything that Trapwise itself raises. The message is fit to be read by people."""


class GaveUp(TrapwiseError):
    """The process can't go on, and a new one probably can."""


class SettingsError(TrapwiseError):
    """The environment can't be used."""


class PackError(TrapwiseError):
    """A content pack can't be loaded. `faults` holds one line for each thing to mend."""

    def __init__(self, pack: str, faults: tuple[str, ...]) -> None:
        self.pack, self.faults = pack, faults
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__("\n".join([f"The pack {pack} has {count}; mend them and start again:", *faults]))


class StorageError(TrapwiseError):
    """The database could not do what was asked. Nothing of the failed call was saved, unless it is StorageUncertain."""


class StorageBusy(StorageError):
    """The database stayed locked for longer than we can wait."""


class StorageBroken(StorageError):
    """The database is damaged, read-only, full or gone."""


class StorageInUse(StorageError):
    """Another process has this database open."""


class StorageUncertain(StorageError):
    """The connection broke while saving, and it could not be found out in time whether that was done."""


class MessengerError(TrapwiseError):
    """A platform did not do what was asked."""


class ChannelRefused(MessengerError):
    """The channel is gone or archived, or we may not post there. Trying again won't help."""


class CardRefused(ChannelRefused):
    """The platform doesn't take what the message holds, in any form that we have for it."""


class RateLimited(MessengerError):
    """The platform asked us to slow down."""

    def __init__(self, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(f"asked to wait {retry_after:.1f} s")


class PlatformDown(MessengerError):
    """The platform can't be reached; the message was certainly not posted."""


class PostUncertain(MessengerError):
    """The connection broke while posting: the message may be there or not."""
