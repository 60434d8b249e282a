"""Readiness against what really happens: learners answer, are told their outlook, and sit mock exams."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmarks.learning.ability import Difficulties, Drift, Learner
from bot.core.form import assemble
from bot.core.item import Item
from bot.core.pack import Pack
from bot.core.readiness import NotEnough, Readiness, readiness
from bot.core.scoring import passes
from bot.core.weakness import Tally, evidence, weight_at

ANSWERS = (10, 20, 40, 80, 200)
"""Answers per domain; each is as common."""

COURSES = (14, 30, 60, 120)
"""Days over which they are given."""

REST = 7
"""The exam is up to this many days after the last answer."""

EXAMS = 4
"""Mock exams that every learner sits, to tell the luck of the draw from a wrong outlook."""

MEAN = 0.55
"""Ability of the population in logits; it puts the average exam score near the pass line."""

EXAM_DAY = datetime(2027, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One learner: what was told, and how the exams went. `plain` is the share of right answers of all."""

    answers: int
    drift: Drift
    outlook: Readiness
    plain: float
    truth: float
    scores: tuple[int, ...]
    tallies: Mapping[str, Tally]
    shares: Mapping[str, float]


def add_answer(tally: Tally, item: Item, *, right: bool, at: datetime, fair: bool = True) -> Tally:
    """The tally with one more answer, as the ledger and the storage count it."""
    weight = weight_at(at)
    weight_right = weight * evidence(right, len(item.options))
    return Tally(
        domain=tally.domain,
        answered=tally.answered + 1,
        right=tally.right + right,
        weight=tally.weight + weight,
        weight_right=tally.weight_right + weight_right,
        fair_answered=tally.fair_answered + fair,
        fair_weight=tally.fair_weight + weight * fair,
        fair_weight_right=tally.fair_weight_right + weight_right * fair,
    )


def simulate(pack: Pack, *, learners: int, seed: str, mean: float = MEAN) -> list[Case]:
    """Learners drawn from the population, each with one amount of answers and one length of course."""
    rng = random.Random(seed)
    difficulties = Difficulties.draw(pack.ready, rng)
    pools = {d.id: [item for item in pack.ready if item.domain == d.id] for d in pack.blueprint.domains}
    cases = []
    for number in range(learners):
        answers = ANSWERS[number % len(ANSWERS)]
        span = float(rng.choice(COURSES))
        learner = Learner.draw(pack.blueprint, difficulties, mean=mean, weeks=int(span + REST) // 7 + 1, rng=rng)
        rest = rng.uniform(0, REST)
        tallies = {d: _answer_all(learner, d, pool, answers, span=span, rest=rest) for d, pool in pools.items()}
        outlook = readiness(tallies, pack.blueprint, EXAM_DAY)
        assert not isinstance(outlook, NotEnough), "every amount of answers is enough"
        quotas = pack.blueprint.quotas(pack.blueprint.questions)
        shares = {d: learner.share(pool) for d, pool in pools.items()}
        cases.append(
            Case(
                answers=answers,
                drift=learner.drift,
                outlook=outlook,
                plain=sum(t.right for t in tallies.values()) / sum(t.answered for t in tallies.values()),
                truth=sum(quotas[d] * share for d, share in shares.items()),
                scores=tuple(_sit(pack, learner, f"{seed}/{number}/{i}") for i in range(EXAMS)),
                tallies=tallies,
                shares=shares,
            )
        )
    return cases


def passed(case: Case, pack: Pack) -> list[bool]:
    """Whether each exam of the learner was passed."""
    plan = pack.blueprint
    return [passes(score, plan.questions, plan.pass_percent) for score in case.scores]


def binomial_chance(share: float, pack: Pack) -> float:
    """The chance to pass if every item went right with this chance: what the bare percentage would say."""
    n = pack.blueprint.questions
    needed = math.ceil(pack.blueprint.pass_percent * n / 100)
    return sum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(needed, n + 1))


def _answer_all(learner: Learner, domain: str, pool: Sequence[Item], count: int, *, span: float, rest: float) -> Tally:
    """Answers to the domain's items, none again before all were had, evenly over the course."""
    tally = Tally(domain=domain)
    deck: list[Item] = []
    for i in range(count):
        if not deck:
            deck = learner.rng.sample(list(pool), len(pool))
        item = deck.pop()
        before = rest + span * (1 - (i + 0.5) / count)
        right = learner.rng.random() < learner.chance(item, before=before, span=span + rest)
        tally = add_answer(tally, item, right=right, at=EXAM_DAY - timedelta(days=before))
    return tally


def _sit(pack: Pack, learner: Learner, seed: str) -> int:
    form = assemble(pack.ready, pack.blueprint, count=pack.blueprint.questions, used={}, seed=seed)
    return sum(learner.rng.random() < learner.chance(place.item) for place in form)
