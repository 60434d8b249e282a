"""Forty working days of a team, with items chosen by the bot, at random, or in the order of the files."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from benchmarks.learning.memory import Mind
from benchmarks.learning.mixed import order_mixed
from benchmarks.learning.outlook import add_answer
from bot.core.form import assemble
from bot.core.item import Item
from bot.core.pack import Pack
from bot.core.practice_order import order_for_practice
from bot.core.readiness import Readiness, readiness
from bot.core.review import Memory, due_first, rate, sibling, subject_of
from bot.core.selection import choose
from bot.core.weakness import Level, Tally, estimate

MEMBERS = 12
WORKING_DAYS = 40
EXAMS = 2
"""Mock exams that each sits at the end, to hear an outlook."""

PRIVATE = 5
"""Items a day besides the daily question."""

FIRST_DAY = datetime(2026, 9, 7, 8, tzinfo=UTC)
"""A Monday."""


class Policy(StrEnum):
    """Who chooses the items."""

    ADAPTIVE = "adaptive"
    MIXED = "new and seen mixed"
    REVIEW_FIRST = "review first"
    RANDOM = "random"
    DECK = "deck"
    FIXED = "fixed"


REVIEWS = {Policy.ADAPTIVE: 0, Policy.MIXED: 0, Policy.REVIEW_FIRST: PRIVATE}
"""At most so many of the private items are taken from what /review would bring, before /quiz is asked for the rest."""


@dataclass(slots=True)
class Member:
    """A learner, and what the bot keeps of them."""

    key: int
    mind: Mind
    tallies: dict[str, Tally] = field(default_factory=dict)
    memories: dict[str, Memory] = field(default_factory=dict)
    last_seen: dict[str, datetime] = field(default_factory=dict)
    right: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Means over the members.

    `retention` is recall weighted by the blueprint, `score` the expected share right in an exam: the morning after the
    last day, before the first, and a fortnight later. `met` is the share of subjects seen, `accuracy` the share right
    of all answers, `told` the score that readiness expects of those who sat mock exams on that morning.
    """

    retention: float
    score: float
    retention_before: float
    score_before: float
    retention_later: float
    met: float
    accuracy: float
    told: float | None


def run(pack: Pack, policy: Policy, *, seed: str) -> Result:
    """One team's course. The same seed makes the same learners under every policy."""
    subjects = sorted({subject_of(item) for item in pack.ready})
    team = [Member(n, Mind.draw(subjects, random.Random(f"{seed}/mind/{n}"))) for n in range(MEMBERS)]
    before = measure(pack, team, 0.0)
    rng = random.Random(f"{seed}/{policy}")
    teach = _adaptive(pack, team, policy, seed) if policy in REVIEWS else _blind(pack, team, policy, rng)
    for n in range(WORKING_DAYS):
        teach(FIRST_DAY + timedelta(days=n // 5 * 7 + n % 5))
    end = float((WORKING_DAYS - 1) // 5 * 7 + (WORKING_DAYS - 1) % 5 + 1)
    after = measure(pack, team, end)
    return Result(
        retention=after[0],
        score=after[1],
        retention_before=before[0],
        score_before=before[1],
        retention_later=measure(pack, team, end + 14)[0],
        met=sum(len({subject_of(i) for i in pack.ready if i.id in m.last_seen}) for m in team)
        / MEMBERS
        / len(subjects),
        accuracy=sum(m.right for m in team) / sum(m.answered for m in team),
        told=_told(pack, team, end, rng),
    )


def measure(pack: Pack, team: Sequence[Member], day: float) -> tuple[float, float]:
    """Mean recall over all subjects, and the expected share of right answers in an exam, both by the blueprint."""
    total = sum(d.weight for d in pack.blueprint.domains)
    quotas = pack.blueprint.quotas(pack.blueprint.questions)
    retention = score = 0.0
    for domain in pack.blueprint.domains:
        items = [item for item in pack.ready if item.domain == domain.id]
        subjects = sorted({subject_of(item) for item in items})
        for member in team:
            known = sum(member.mind.recall(s, day) for s in subjects) / len(subjects)
            right = sum(member.mind.chance(item, day) for item in items) / len(items)
            retention += domain.weight / total * known / len(team)
            score += quotas[domain.id] / pack.blueprint.questions * right / len(team)
    return retention, score


def _told(pack: Pack, team: Sequence[Member], day: float, rng: random.Random) -> float | None:
    """The share right that /stats would tell them to expect, as a mean over those it tells anything, if any.

    One mock exam isn't enough for it in every domain. In an exam nothing is explained, so nobody learns.
    """
    now = FIRST_DAY + timedelta(days=day)
    plan = pack.blueprint
    for member in team:
        used: dict[str, int] = {}
        for number in range(1, EXAMS + 1):
            seed = f"{member.key}/{number}/{day}"
            form = assemble(pack.ready, plan, count=plan.questions, used=used, seed=seed)
            used |= {place.item.id: number for place in form}
            for place in form:
                right = rng.random() < member.mind.chance(place.item, day)
                tally = member.tallies.get(place.item.domain) or Tally(domain=place.item.domain)
                member.tallies[place.item.domain] = add_answer(tally, place.item, right=right, at=now)
    outlooks = [readiness(member.tallies, plan, now) for member in team]
    told = [outlook.expected / outlook.questions for outlook in outlooks if isinstance(outlook, Readiness)]
    return sum(told) / len(told) if told else None


def take(member: Member, item: Item, now: datetime, *, daily: bool = False) -> bool:
    """The member answers; whether right."""
    option = member.mind.answer(item, (now - FIRST_DAY) / timedelta(days=1))
    count(member, item, option, now, daily=daily)
    return option == item.key


def count(member: Member, item: Item, option: str, now: datetime, *, daily: bool = False) -> None:
    """Keep an answer as bot.app.ledger does."""
    right = option == item.key
    member.answered += 1
    member.right += right
    tally = member.tallies.get(item.domain) or Tally(domain=item.domain)
    member.tallies[item.domain] = add_answer(tally, item, right=right, at=now, fair=daily)
    member.last_seen[item.id] = now
    rated = {subject_of(item): right}
    trap = item.option(option).trap
    if not right and trap is not None:
        rated[f"trap:{trap}"] = False
    for subject, good in rated.items():
        memory = member.memories.get(subject)
        member.memories[subject] = rate(memory, subject, right=good, at=now, seed=str(member.key))


def _adaptive(pack: Pack, team: Sequence[Member], policy: Policy, seed: str) -> Callable[[datetime], None]:
    history: list[str] = []
    channel: dict[str, Tally] = {}
    cut = pack.blueprint.pass_percent / 100

    def weak(tallies: Mapping[str, Tally], now: datetime) -> set[str]:
        return {d for d, t in tallies.items() if estimate(t, now, fine_at=cut).level is Level.WEAK}

    def day(now: datetime) -> None:
        levels = dict.fromkeys(weak(channel, now), Level.WEAK)
        chosen = choose(pack.ready, history, pack.blueprint, seed=f"{seed}/{now.date()}", levels=levels)
        assert chosen is not None
        history.append(chosen.item.id)
        for member in team:
            right = take(member, chosen.item, now, daily=True)
            tally = channel.get(chosen.item.domain) or Tally(domain=chosen.item.domain)
            channel[chosen.item.domain] = add_answer(tally, chosen.item, right=right, at=now)
            for minute, item in enumerate(session(pack, member, now, weak(member.tallies, now), policy=policy)):
                take(member, item, now + timedelta(minutes=10 + minute))

    return day


def session(pack: Pack, member: Member, now: datetime, weak: set[str], *, policy: Policy) -> list[Item]:
    """The day's private items: at most so many that are due, as /review brings them, the others as /quiz does."""
    seed = f"{member.key}/{now.date()}"
    items: list[Item] = []
    for memory in due_first(list(member.memories.values()), now):
        if len(items) == REVIEWS[policy]:
            break
        taken = {item.id for item in items}
        item = sibling(memory.subject, [i for i in pack.ready if i.id not in taken], member.last_seen, seed=seed)
        if item is not None:
            items.append(item)
    order = order_mixed if policy is Policy.MIXED else order_for_practice
    ordered = order(
        pack.ready, pack.blueprint, last_seen=member.last_seen, memories=member.memories, weak=weak, now=now, seed=seed
    )
    reviewed = {subject_of(item) for item in items}
    items += [item for item in ordered if subject_of(item) not in reviewed][: PRIVATE - len(items)]
    return items


def _blind(pack: Pack, team: Sequence[Member], policy: Policy, rng: random.Random) -> Callable[[datetime], None]:
    decks: dict[int, list[Item]] = {member.key: [] for member in team}

    def draw(member: Member) -> list[Item]:
        if policy is Policy.RANDOM:
            return rng.sample(pack.ready, PRIVATE + 1)
        deck = decks[member.key]
        if len(deck) <= PRIVATE:
            fresh = list(pack.ready) if policy is Policy.FIXED else rng.sample(pack.ready, len(pack.ready))
            deck += fresh
        drawn, deck[: PRIVATE + 1] = deck[: PRIVATE + 1], []
        return drawn

    def day(now: datetime) -> None:
        for member in team:
            for minute, item in enumerate(draw(member)):
                take(member, item, now + timedelta(minutes=minute))

    return day
