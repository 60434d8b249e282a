"""Leaderboards, and where a member stands."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.app.ports import Tx
from bot.app.records import Channel
from bot.app.services import Here, Services, pack_of, zone_of
from bot.core.attempt import Sitting
from bot.core.pack import Pack
from bot.core.readiness import readiness
from bot.core.refs import ChannelId, MemberId, WorkspaceId
from bot.core.response import Given
from bot.core.scoring import Standing, missed
from bot.core.standings import Board, Placed, Score, Span, first_day, period, places
from bot.core.weakness import Estimate, Level, Tally, estimate, weakest_first, weight_at
from bot.view import boardcards, wording
from bot.view.boardcards import TrapCount
from bot.view.card import Card
from bot.view.plaincards import notice

TOP = 10
TEAM_LEAST = 4
"""Members who must have answered in a domain before a team figure is shown: below that, one could be guessed."""
TRAPS_SHOWN = 5
EXAMS_SHOWN = 8
TRAPS_FROM = 1_000
"""The newest answers in which /traps looks. Older ones have long lost their weight, and a command has to end."""
LATELY = 100
"""The same for the line on /stats: so many newest answers in channels, and as many in private."""
WEEKS_SHOWN = 8
MIDNIGHT = time()


def leaderboard(tx: Tx, services: Services, here: Here, given: Mapping[str, str]) -> Card:
    """The board of the channel, or of the workspace where there is no channel or it was asked for."""
    span = Span(given.get("window", Span.WEEK))
    channel = here.channel if given.get("scope") != "workspace" else None
    channel_id = channel.id if channel else None
    zone = zone_of(tx, services, here.workspace.id, here.channel.id if here.channel else None)
    today = here.now.astimezone(zone).date()
    when = period(span, today)

    passed = next_number(tx, here.workspace.id, channel.id) if channel else 0

    def with_streak(score: Score) -> Score:
        if channel is None:
            return score
        standing = missed(tx.standings.get(here.workspace.id, channel.id, score.member), passed)
        return replace(score, streak=standing.streak)

    found = tx.standings.ranking(here.workspace.id, channel_id, when, member=here.member.id, top=TOP)
    board = Board(
        top=places([with_streak(score) for score in found.top]),
        own=Placed(found.own[0], with_streak(found.own[1])) if found.own else None,
        own_hidden=here.member.hidden,
        members=found.size,
        rounds=tx.rounds.count_since(here.workspace.id, channel_id, first_day(span, today)),
    )
    where = f"#{channel.name.lstrip('#')}" if channel else here.workspace.name or "this workspace"
    return boardcards.leaderboard(board, span=span, where=where, channel=channel is not None, you=here.member.id)


def domain_leaderboard(tx: Tx, here: Here, pack: Pack, domain: str) -> Card:
    """Who has the most right answers in a domain, over all of the channel's ranked rounds."""
    if here.channel is None:
        return notice(wording.NOT_HERE, tone="refused")
    where = (here.workspace.id, here.channel.id, pack.id, domain)
    own = tx.standings.own_in_domain(*where, here.member.id)
    board = Board(
        top=places(tx.standings.top_in_domain(*where, TOP)),
        own=Placed(*own) if own else None,
        own_hidden=here.member.hidden,
        members=tx.standings.size_in_domain(*where),
        rounds=0,
    )
    name = f"#{here.channel.name.lstrip('#')}"
    return boardcards.domain_leaderboard(board, pack, domain, where=name, you=here.member.id)


def own(tx: Tx, services: Services, here: Here) -> Card:
    """The member's domains, weakest first, with the traps they fell for."""
    schedule = tx.schedules.get(here.workspace.id, here.channel.id) if here.channel else None
    pack = pack_of(services, schedule)
    found = _tallies(tx, here, pack)
    standing = None
    if here.channel is not None:
        standing = present(tx, here.workspace.id, here.channel.id, here.member.id)
    return boardcards.stats(
        pack,
        _estimates(found, pack, here.now),
        traps=traps_lately(tx, here, pack),
        standing=standing if standing and standing.answered else None,
        hidden=here.member.hidden,
        outlook=readiness(found, pack.blueprint, here.now),
        due=tx.memories.due(here.workspace.id, here.member.id, pack.id, here.now),
        exams=tx.attempts.submitted(here.workspace.id, here.member.id, pack.id, Sitting.EXAM, most=EXAMS_SHOWN),
        weeks=weeks(tx, here, pack, schedule.zone if schedule else services.default_zone),
    )


def weakness(tx: Tx, here: Here, pack: Pack) -> tuple[Estimate, ...]:
    """How the member does in each of the pack's domains, weakest first."""
    return _estimates(_tallies(tx, here, pack), pack, here.now)


def _tallies(tx: Tx, here: Here, pack: Pack) -> Mapping[str, Tally]:
    return {tally.domain: tally for tally in tx.learning.tallies(here.workspace.id, here.member.id, pack.id)}


def _estimates(found: Mapping[str, Tally], pack: Pack, now: datetime) -> tuple[Estimate, ...]:
    cut = pack.blueprint.pass_percent / 100
    return weakest_first(
        [estimate(found.get(domain.id, Tally(domain=domain.id)), now, fine_at=cut) for domain in pack.blueprint.domains]
    )


def team(tx: Tx, here: Here, channel: Channel, pack: Pack) -> Card:
    """How the channel does by domain, without names, and only where enough members have answered."""
    enough = {
        domain: members
        for domain, members in tx.learning.contributors(here.workspace.id, channel.id, pack.id).items()
        if members >= TEAM_LEAST
    }
    shown = [
        (tally.domain, tally.right, tally.answered, enough[tally.domain])
        for tally in tx.learning.channel_tallies(here.workspace.id, channel.id, pack.id)
        if tally.domain in enough
    ]
    shown.sort(key=lambda row: row[1] / row[2])
    return boardcards.team(pack, shown, where=f"#{channel.name.lstrip('#')}")


def traps(tx: Tx, here: Here, pack: Pack) -> Card:
    """The misconceptions that the member falls for."""
    newest = tx.responses.lately(here.workspace.id, here.member.id, pack.id, TRAPS_FROM)
    everything = tx.responses.count_of(here.workspace.id, here.member.id) <= TRAPS_FROM
    return boardcards.traps(traps_of(newest, pack, here.now), here.now, of=None if everything else TRAPS_FROM)


def present(tx: Tx, workspace: WorkspaceId, channel: ChannelId, member: MemberId) -> Standing:
    """The member's standing as of now: with the rounds that passed them by, not counting one that is still open."""
    return missed(tx.standings.get(workspace, channel, member), next_number(tx, workspace, channel))


def next_number(tx: Tx, workspace: WorkspaceId, channel: ChannelId) -> int:
    """The number of the round that may still be answered: the open one's, or the coming one's."""
    latest, is_open = tx.rounds.latest_number(workspace, channel)
    return latest if is_open else latest + 1


def weeks(tx: Tx, here: Here, pack: Pack, zone: ZoneInfo) -> list[tuple[date, int, int]]:
    """Of the latest weeks those with answers, oldest first: the Monday, how many were right, how many there were."""
    today = here.now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=back) for back in reversed(range(WEEKS_SHOWN))]
    starts = [datetime.combine(day, MIDNIGHT, zone) for day in mondays]
    counts = tx.responses.since(here.workspace.id, here.member.id, pack.id, starts)
    return [(day, right, answered) for day, (right, answered) in zip(mondays, counts, strict=True) if answered]


def traps_lately(tx: Tx, here: Here, pack: Pack) -> list[tuple[str, int]]:
    """The traps that the member fell for most often lately: their names, and how often."""
    wrong = tx.responses.mistakes(here.workspace.id, here.member.id, pack.id, LATELY)
    fell = Counter(item.option(option).trap for item, option in wrong)
    named = [(known.name, times) for trap, times in fell.items() if trap and (known := pack.trap(trap))]
    return sorted(named, key=lambda found: (-found[1], found[0]))[:TRAPS_SHOWN]


def traps_of(answers: Sequence[Given], pack: Pack, now: datetime) -> list[TrapCount]:
    """The traps that the member fell for in these answers, newest first: those known to be weak, then the most often
    fallen for.

    Each is estimated like a domain, from every answer to an item that sets it: right is not falling for it.
    """
    fell: Counter[str] = Counter()
    last: dict[str, datetime] = {}
    met: Counter[str] = Counter()
    weights: defaultdict[str, float] = defaultdict(float)
    weights_fell: defaultdict[str, float] = defaultdict(float)
    for item, option, right, at in answers:
        weight = weight_at(at)
        for trap in item.traps:
            met[trap] += 1
            weights[trap] += weight
        chosen = None if right else item.option(option).trap
        if chosen is not None:
            fell[chosen] += 1
            last.setdefault(chosen, at)
            weights_fell[chosen] += weight
    counts = []
    for name, times in fell.items():
        known = pack.trap(name)
        if known is None:
            continue
        tally = Tally(
            domain=name,
            answered=met[name],
            right=met[name] - times,
            weight=weights[name],
            weight_right=weights[name] - weights_fell[name],
        )
        found = estimate(tally, now, fine_at=pack.blueprint.pass_percent / 100)
        counts.append(
            TrapCount(
                id=known.id, name=known.name, fell=times, last=last[name], reality=known.reality, level=found.level
            )
        )
    return sorted(counts, key=lambda count: (count.level is not Level.WEAK, -count.fell, count.name))
