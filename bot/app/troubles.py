"""What is amiss with the bot itself just now, for those who manage channels and for whoever supervises the process."""

from bot.core.trouble import Trouble


class Troubles:
    """Held in memory: whatever still is amiss after a restart is noticed again."""

    def __init__(self) -> None:
        self._now: set[Trouble] = set()

    def note(self, trouble: Trouble) -> bool:
        """It is amiss; whether that is new."""
        new = trouble not in self._now
        self._now.add(trouble)
        return new

    def over(self, trouble: Trouble) -> bool:
        """It is well; whether it was amiss before."""
        was = trouble in self._now
        self._now.discard(trouble)
        return was

    @property
    def now(self) -> frozenset[Trouble]:
        """What is amiss."""
        return frozenset(self._now)
