"""What every peer does for an answer besides SQL, and what it is given to begin with.

The peers judge, score, rate and draw with the very functions that Trapwise uses, so that the rows compare only how
answers are stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from benchmarks.crowd import Crowd
from bot.app.actions import Press
from bot.core.item import Item, Option
from bot.core.pack import Pack
from bot.core.review import subject_of
from bot.core.round import Round
from bot.core.schedule import Schedule
from bot.core.scoring import Standing
from bot.core.standings import Span, period
from bot.core.weakness import Tally, estimate, evidence, weight_at
from bot.view import roundcards, tokens
from bot.view.roundcards import Shown, Verdict
from storage.standings import WINDOWS, slot

TABLES = """
CREATE TABLE workspaces (id INTEGER PRIMARY KEY, platform TEXT, ref TEXT, UNIQUE (platform, ref));
CREATE TABLE channels (id INTEGER PRIMARY KEY, workspace INTEGER, ref TEXT, UNIQUE (workspace, ref));
CREATE TABLE members (id INTEGER PRIMARY KEY, workspace INTEGER, ref TEXT, name TEXT, UNIQUE (workspace, ref));
CREATE TABLE schedules (channel INTEGER PRIMARY KEY, zone TEXT);
CREATE TABLE rounds (id INTEGER PRIMARY KEY, channel INTEGER, number INTEGER, state TEXT, closes_at INTEGER);
CREATE TABLE responses (member INTEGER, round INTEGER, choice TEXT, correct INTEGER, at INTEGER,
                        PRIMARY KEY (member, round)) WITHOUT ROWID;
CREATE TABLE tallies (round INTEGER, choice TEXT, count INTEGER, PRIMARY KEY (round, choice)) WITHOUT ROWID;
CREATE TABLE domain_tallies (member INTEGER, domain TEXT, channel INTEGER, answered INTEGER, correct INTEGER,
                             weight REAL, weight_correct REAL, PRIMARY KEY (member, domain, channel)) WITHOUT ROWID;
CREATE INDEX domain_tallies_channel ON domain_tallies (channel, domain);
CREATE TABLE memories (member INTEGER, subject TEXT, stability REAL, difficulty REAL, days INTEGER,
                       last_at INTEGER, times INTEGER, PRIMARY KEY (member, subject)) WITHOUT ROWID;
CREATE TABLE standings (channel INTEGER, member INTEGER, answered INTEGER, correct INTEGER, points INTEGER,
                        streak INTEGER, best_streak INTEGER, freezes INTEGER, run INTEGER, last INTEGER,
                        week0 INTEGER DEFAULT 0, week0_points INTEGER DEFAULT 0, week0_correct INTEGER DEFAULT 0,
                        week0_answered INTEGER DEFAULT 0, week1 INTEGER DEFAULT 0, week1_points INTEGER DEFAULT 0,
                        week1_correct INTEGER DEFAULT 0, week1_answered INTEGER DEFAULT 0,
                        month0 INTEGER DEFAULT 0, month0_points INTEGER DEFAULT 0, month0_correct INTEGER DEFAULT 0,
                        month0_answered INTEGER DEFAULT 0, month1 INTEGER DEFAULT 0, month1_points INTEGER DEFAULT 0,
                        month1_correct INTEGER DEFAULT 0, month1_answered INTEGER DEFAULT 0,
                        PRIMARY KEY (channel, member)) WITHOUT ROWID
"""
"""The tables somebody would make for this, compact, with the same aggregates as ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a press means: who, in which channel, which letter of which round."""

    workspace: str
    channel: str
    member: str
    round: int
    letter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """All that follows from an answer, ready to be written. `windows` are the week and the month, by their columns."""

    option: Option
    right: bool
    at: datetime
    item: Item
    windows: Mapping[str, int]
    subjects: Mapping[str, bool]
    weight: float
    weight_correct: float


@dataclass(frozen=True, slots=True)
class Desk:
    """The packs and rounds in memory, and the pure part of the work."""

    crowd: Crowd
    rounds: dict[int, Round]
    pack: Pack
    plan: Schedule

    def asked(self, press: Press) -> Asked:
        """Read the press."""
        token = tokens.read(press.token)
        assert isinstance(token, tokens.AnswerRound)
        assert press.actor.channel is not None
        return Asked(
            workspace=press.actor.member.workspace.id,
            channel=press.actor.channel.id,
            member=press.actor.member.id,
            round=token.round,
            letter=token.letter,
        )

    def judged(self, asked: Asked) -> Answered:
        """Judge the answer, and work out what it changes."""
        round_ = self.rounds[asked.round]
        now = self.crowd.clock.now()
        option = round_.judge(asked.letter, channel=round_.channel, prior=None, now=now)
        assert isinstance(option, Option)
        item, right = round_.item, option.id == round_.item.key
        subjects = {subject_of(item): right}
        if not right and option.trap is not None:
            subjects[f"trap:{option.trap}"] = False
        weight = weight_at(now)
        periods = [period(span, round_.local_date) for span in (Span.WEEK, Span.MONTH)]
        return Answered(
            option=option,
            right=right,
            at=now,
            item=item,
            windows={WINDOWS[slot(when)]: when for when in periods},
            subjects=subjects,
            weight=weight,
            weight_correct=weight * evidence(right, len(item.options)),
        )

    def drawn(self, asked: Asked, answered: Answered, standing: Standing, points: int, tally: Tally) -> object:
        """The feedback."""
        shown = Shown(self.rounds[asked.round], self.pack, self.plan.zone)
        verdict = Verdict(
            chosen=answered.option,
            at=answered.at,
            again=False,
            points=points,
            run_before=standing.run - 1,
            standing=standing,
            estimate=estimate(tally, answered.at),
        )
        return roundcards.feedback(shown, verdict)


def ms(instant: datetime) -> int:
    """Milliseconds since 1970."""
    return int(instant.timestamp() * 1000)
