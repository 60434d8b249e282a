"""How often somebody may do something: a count over a sliding window."""

from collections import deque


class Limit:
    """At most `count` in `seconds` for each key. Time is an argument, in seconds on any steady clock."""

    def __init__(self, count: int, seconds: float, *, keys: int = 10_000) -> None:
        self._count, self._seconds, self._keys = count, seconds, keys
        self._seen: dict[str, deque[float]] = {}

    def full(self, key: str, now: float) -> bool:
        """Whether the key has used up its share."""
        times = self._seen.get(key)
        if times is None:
            return False
        self._drop_old(times, now)
        return len(times) >= self._count

    def take(self, key: str, now: float) -> bool:
        """Count one more; False, and nothing counted, if the share is used up."""
        if self.full(key, now):
            return False
        if key not in self._seen and len(self._seen) >= self._keys:
            self._forget(now)
        self._seen.setdefault(key, deque()).append(now)
        return True

    def wait(self, key: str, now: float) -> int:
        """Whole seconds until the key may do it again, at least 1."""
        times = self._seen.get(key)
        return max(1, round(times[0] + self._seconds - now)) if times else 1

    def _drop_old(self, times: deque[float], now: float) -> None:
        while times and times[0] <= now - self._seconds:
            times.popleft()

    def _forget(self, now: float) -> None:
        """Drop keys that have nothing in the window, or the oldest ones: memory stays bounded under attack."""
        for times in self._seen.values():
            self._drop_old(times, now)
        self._seen = {key: times for key, times in self._seen.items() if times}
        while len(self._seen) >= self._keys:
            del self._seen[next(iter(self._seen))]
