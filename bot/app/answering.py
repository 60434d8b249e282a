"""A member answers the round in a channel, or asks why."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple

from bot.app.ledger import Counted, count_in_round
from bot.app.ports import Tx
from bot.app.services import Here, Services, zone_of
from bot.core.item import Option
from bot.core.outcomes import (
    AlreadyAnswered,
    AnsweredAndForgotten,
    NoSuchRound,
    NotThisChannel,
    RoundClosed,
    StillOpen,
)
from bot.core.refs import RoundId
from bot.core.response import Response, Source
from bot.core.round import Round
from bot.core.schedule import Reveal
from bot.core.weakness import Estimate, Tally, estimate
from bot.view import roundcards, wording
from bot.view.card import Card
from bot.view.plaincards import notice
from bot.view.roundcards import Shown, Verdict


class Taken(NamedTuple):
    """How to draw the private card, the round if its count of answers changed, and when it was answered if before.

    The card is drawn off the storage thread: drawing takes as long as saving, and everybody who presses at the same
    moment would wait for it.
    """

    draw: Callable[[], Card]
    changed: Round | None = None
    at: datetime | None = None


def answer(tx: Tx, services: Services, here: Here, round_id: RoundId, letter: str) -> Taken:
    """Take an answer, or say why not; what comes back is only for the member who pressed."""
    found = _find(tx, services, here, round_id)
    if isinstance(found, Card):
        return Taken(lambda: found)
    round_ = found.round
    channel = here.channel.id if here.channel else None
    outcome: Option | wording.Refusal = round_.judge(letter, channel=channel, prior=None, now=here.now)
    if isinstance(outcome, Option):
        if tx.responses.spent(here.workspace.id, round_id, here.member.ref):
            outcome = AnsweredAndForgotten()
        # Most have no earlier answer. So it is looked for only if this one doesn't go in.
        elif (counted := _take(tx, here, round_, outcome)) is not None:
            return Taken(partial(_drawn, found, outcome, counted, here), round_)
    prior = tx.responses.get(here.workspace.id, Source.ROUND, round_id, here.member.id)
    if prior is not None:
        outcome = round_.judge(letter, channel=channel, prior=prior, now=here.now)
    match outcome:
        case AlreadyAnswered() if prior is not None:
            return Taken(partial(_private, found, _earlier(tx, here, round_, prior), here), at=prior.at)
        case RoundClosed():
            return Taken(partial(roundcards.too_late, found))
        case Option():
            raise LookupError(f"round {round_id} takes no answer from a member who has none")
        case _:
            return Taken(partial(notice, wording.refusal(outcome, zone=found.zone), tone="refused"))


def explain(tx: Tx, services: Services, here: Here, round_id: RoundId, *, every: bool) -> Card:
    """Why, for somebody who has answered; after closing for everybody."""
    found = _find(tx, services, here, round_id)
    if isinstance(found, Card):
        return found
    round_ = found.round
    if here.channel is not None and round_.channel != here.channel.id:
        return notice(wording.refusal(NotThisChannel(), zone=found.zone), tone="refused")
    prior = tx.responses.get(here.workspace.id, Source.ROUND, round_id, here.member.id)
    is_open = round_.is_open(here.now)
    if is_open and (prior is None or round_.reveal is Reveal.AT_CLOSE):
        if prior is not None:
            return roundcards.saved(found, _earlier(tx, here, round_, prior))
        return notice(wording.refusal(StillOpen(), zone=found.zone, when=round_.closes), tone="refused")
    if prior is not None and not every:
        return roundcards.feedback(found, _earlier(tx, here, round_, prior))
    return roundcards.explained(found, round_.item.option(prior.option) if prior else None)


def report(tx: Tx, services: Services, here: Here, round_id: RoundId) -> Card:
    """Note that the member finds fault with a round's item."""
    found = _find(tx, services, here, round_id)
    if isinstance(found, Card):
        return found
    new = tx.responses.report(here.workspace.id, here.member.id, found.round.revision, here.now)
    return notice(wording.REPORTED if new else wording.REPORTED_BEFORE)


def _find(tx: Tx, services: Services, here: Here, round_id: RoundId) -> Shown | Card:
    round_ = tx.rounds.get(here.workspace.id, round_id)
    if round_ is None:
        zone = zone_of(tx, services, here.workspace.id, here.channel.id if here.channel else None)
        return notice(wording.refusal(NoSuchRound(), zone=zone), tone="refused")
    zone = zone_of(tx, services, here.workspace.id, round_.channel)
    return Shown(round_, services.pack(round_.item.pack), zone)


def _take(tx: Tx, here: Here, round_: Round, option: Option) -> Counted | None:
    """Save and count the answer; None if there is an earlier one."""
    response = Response(
        source=Source.ROUND,
        source_id=round_.id,
        member=here.member.id,
        revision=round_.revision,
        option=option.id,
        right=option.id == round_.item.key,
        at=here.now,
    )
    if not tx.responses.add(here.workspace.id, response):
        return None
    return count_in_round(tx, round_, here.member, response)


def _drawn(shown: Shown, option: Option, counted: Counted, here: Here) -> Card:
    verdict = Verdict(
        chosen=option,
        at=here.now,
        again=False,
        points=counted.points,
        run_before=counted.standing.run - 1 if counted.standing else 0,
        standing=counted.standing,
        estimate=estimate(counted.tally, here.now),
    )
    return _private(shown, verdict, here)


def _earlier(tx: Tx, here: Here, round_: Round, prior: Response) -> Verdict:
    standing = tx.standings.get(here.workspace.id, round_.channel, here.member.id) if round_.ranks else None
    return Verdict(
        chosen=round_.item.option(prior.option),
        at=prior.at,
        again=True,
        standing=standing,
        estimate=_estimate(tx, here, round_),
    )


def _estimate(tx: Tx, here: Here, round_: Round) -> Estimate:
    tallies = tx.learning.tallies(here.workspace.id, here.member.id, round_.item.pack)
    tally = next((t for t in tallies if t.domain == round_.item.domain), Tally(domain=round_.item.domain))
    return estimate(tally, here.now)


def _private(shown: Shown, verdict: Verdict, here: Here) -> Card:
    secret = shown.round.reveal is Reveal.AT_CLOSE and shown.round.is_open(here.now)
    return roundcards.saved(shown, verdict) if secret else roundcards.feedback(shown, verdict)
