"""The figures of a pack: what it holds, how its keys lie, and what it covers."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from statistics import fmean, median

from bot.core.item import Difficulty, Kind, Status
from bot.core.pack import Pack
from bot.packs.places import NOWHERE
from bot.packs.rules.balance import length_ratio, longest, shortest
from bot.packs.rules.rule import Survey
from bot.packs.rules.support import cited_facts, trap_counts


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each of a few names occurs, in a fixed order."""

    counts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """The sum."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many ready items there are for each of a group's entries: for the least covered one, and on average."""

    name: str
    entries: int
    fewest: int
    mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Figures over the ready items, except `by_status`. Shares are 0 to 1; a pack without ready items has zeros."""

    by_status: Tally
    by_domain: Tally
    by_kind: Tally
    by_difficulty: Tally
    key_positions: Tally
    key_longest: float
    key_shortest: float
    length_ratio: float
    """Median of key length over mean distractor length."""
    options_with_trap: float
    """Share of the distractors that stand for a named misconception."""
    traps: int
    traps_in_two_items: int
    traps_unused: int
    facts: int
    facts_cited: int
    cards: int
    cases: int
    """Items whose numbers vary."""
    coverage: tuple[Coverage, ...]
    """Of the facts by kind, in file order, and last of the traps."""


def profile(pack: Pack) -> Profile:
    """The figures of a pack."""
    survey = Survey(pack=pack, today=date.min, places=NOWHERE)
    ready = survey.ready
    total = len(ready) or 1
    distractors = [o for item in ready for o in item.options if o.id != item.key]
    carried = trap_counts(survey)
    cited = cited_facts(survey)
    return Profile(
        by_status=_tally(tuple(Status), (item.status for item in pack.items)),
        by_domain=_tally([d.id for d in pack.blueprint.domains], (item.domain for item in ready)),
        by_kind=_tally(tuple(Kind), (item.kind for item in ready)),
        by_difficulty=_tally(tuple(Difficulty), (item.difficulty for item in ready)),
        key_positions=_tally(sorted({item.key for item in ready}), (item.key for item in ready)),
        key_longest=longest(ready) / total,
        key_shortest=shortest(ready) / total,
        length_ratio=median([length_ratio(item) for item in ready]) if ready else 0.0,
        options_with_trap=sum(bool(o.trap) for o in distractors) / (len(distractors) or 1),
        traps=len(pack.traps),
        traps_in_two_items=sum(carried[trap.id] > 1 for trap in pack.traps),
        traps_unused=sum(not carried[trap.id] for trap in pack.traps),
        facts=len(pack.facts),
        facts_cited=sum(fact.id in cited for fact in pack.facts),
        cards=len(pack.cards),
        cases=sum(bool(item.cases) for item in pack.items if item.status is Status.READY),
        coverage=tuple(_coverage(pack, carried)),
    )


def _coverage(pack: Pack, carried: Counter[str]) -> Iterator[Coverage]:
    cited = Counter(source for item in pack.ready for source in set(item.sources))
    kinds: dict[str, list[int]] = {}
    for fact in pack.facts:
        kinds.setdefault(fact.kind, []).append(cited[fact.id])
    if traps := [carried[trap.id] for trap in pack.traps]:
        kinds["misconceptions"] = traps
    for name, counts in kinds.items():
        yield Coverage(name, len(counts), min(counts), fmean(counts))


def _tally(names: Iterable[str], found: Iterable[str]) -> Tally:
    counts = Counter(found)
    return Tally(tuple((str(name), counts[name]) for name in names))
