"""What the processes on one database tell one another at once, where waiting for the tables would be too late."""

from collections import defaultdict
from collections.abc import Callable


class Neighbours:
    """Says things to the other processes, and hands on what they say. Alone, it says everything to nobody.

    Messages may get lost; whatever must not be lost is in the tables.
    """

    def __init__(self) -> None:
        self._listeners: dict[str, list[Callable[[str], None]]] = defaultdict(list)
        self.send: Callable[[str, str], None] | None = None
        """Set by whoever connects the processes."""

    def tell(self, topic: str, text: str = "") -> None:
        """Say something to all others."""
        if self.send is not None:
            self.send(topic, text)

    def on(self, topic: str, listener: Callable[[str], None]) -> None:
        """Call the listener with what others say on the topic."""
        self._listeners[topic].append(listener)

    def heard(self, topic: str, text: str) -> None:
        """Another process has said something."""
        for listener in self._listeners.get(topic, ()):
            listener(text)
