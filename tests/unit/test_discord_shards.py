"""Shards are divided among processes: each is served by one, evenly, whoever comes and goes."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.shards import shared_out

NAMES = "abcde"


def _settle(count: int, held: dict[int, str], living: list[str]) -> None:
    """Everybody looks in turn, as often as it may take."""
    for number in [number for number, holder in held.items() if holder not in living]:
        del held[number]
    for _ in range(4 * count + 4):
        for me in living:
            wanted, surplus = shared_out(count, held, me, [name for name in living if name != me])
            if wanted is not None:
                assert wanted not in held
                held[wanted] = me
            for number in surplus:
                assert held.pop(number) == me


@given(
    count=st.integers(1, 20),
    changes=st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True), min_size=1, max_size=5),
)
def test_whoever_lives_serves_an_even_part(count: int, changes: list[list[str]]) -> None:
    held: dict[int, str] = {}
    for living in changes:
        _settle(count, held, living)
        assert set(held) == set(range(count)), "a shard is served by nobody"
        counts = Counter(dict.fromkeys(living, 0)) + Counter(held.values())
        numbers = [counts[name] for name in living]
        assert max(numbers) - min(numbers) <= 1
        before = dict(held)
        _settle(count, held, living)
        assert held == before, "shards wander although nobody came or went"


def test_nobody_gives_up_what_nobody_waits_for() -> None:
    assert shared_out(3, {0: "a", 1: "a", 2: "b"}, "a", ["b"]) == (None, ())
    assert shared_out(3, {0: "a", 1: "a", 2: "a"}, "a", ["b"]) == (None, (1, 2))
    assert shared_out(2, {0: "a"}, "b", ["a", "c"]) == (1, ())
