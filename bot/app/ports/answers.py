"""What storage answers about responses, and what is counted from them. See bot.app.ports."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.app.records import Ranking
from bot.core.item import Item
from bot.core.refs import (
    ChannelId,
    MemberId,
    MemberRef,
    RevisionId,
    RoundId,
    WorkspaceId,
)
from bot.core.response import Given, Response, Source
from bot.core.scoring import Standing
from bot.core.standings import Score
from bot.core.weakness import Tally


class Responses(Protocol):
    """The facts. All else about members is counted from them and can be rebuilt."""

    def get(self, workspace: WorkspaceId, source: Source, source_id: int, member: MemberId) -> Response | None:
        """The member's newest response in that round or attempt."""
        ...

    def add(self, workspace: WorkspaceId, response: Response) -> bool:
        """Insert; False if the member has one for that item there already."""
        ...

    def spent(self, workspace: WorkspaceId, round_id: RoundId, ref: MemberRef) -> bool:
        """Whether the member answered the open round before they were forgotten."""
        ...

    def add_to_tally(self, workspace: WorkspaceId, round_id: RoundId, option: str) -> None:
        """Count one response in the round's tally."""
        ...

    def of_member(self, workspace: WorkspaceId, member: MemberId) -> Sequence[tuple[Response, Item]]:
        """All responses of a member with their items, oldest first."""
        ...

    def counts(self, keys: Sequence[tuple[WorkspaceId, RoundId]]) -> Mapping[RoundId, int]:
        """How many have answered each of the rounds, each of its workspace; rounds nobody answered are missing."""
        ...

    def lately(self, workspace: WorkspaceId, member: MemberId, pack: str, most: int) -> Sequence[Given]:
        """Of the member's newest responses, so many, those to items of the pack; newest first."""
        ...

    def mistakes(self, workspace: WorkspaceId, member: MemberId, pack: str, most: int) -> Sequence[tuple[Item, str]]:
        """The wrong ones of the newest in rounds and the newest in attempts, so many of each: item and chosen option.

        What was answered before costs nothing, here and in `since`.
        """
        ...

    def since(
        self, workspace: WorkspaceId, member: MemberId, pack: str, starts: Sequence[datetime]
    ) -> Sequence[tuple[int, int]]:
        """How many responses were right, and how many there were, from each of these instants to the next.

        Rounds and attempts are looked at from the newest back until nothing in them is new enough; one that was begun
        long before others and answered after them may be left out.
        """
        ...

    def newest_of_each(self, workspace: WorkspaceId, member: MemberId) -> Sequence[tuple[Item, bool, datetime]]:
        """Of each item, in each of its revisions, the newest response: whether it was right, and when; oldest first."""
        ...

    def rounds_of(self, workspace: WorkspaceId, member: MemberId, limit: int) -> Sequence[RoundId]:
        """The newest rounds that the member has answered, the newest first."""
        ...

    def count_of(self, workspace: WorkspaceId, member: MemberId) -> int:
        """How many responses of the member there are."""
        ...

    def count(self, workspace: WorkspaceId, round_id: RoundId) -> int:
        """How many have answered the round."""
        ...

    def report(self, workspace: WorkspaceId, member: MemberId, revision: RevisionId, now: datetime) -> bool:
        """Note that the member finds fault with an item; False if they said so before."""
        ...

    def reported(self, workspace: WorkspaceId) -> Sequence[tuple[str, int]]:
        """The items that members found fault with, and how many did."""
        ...


class Standings(Protocol):
    """Points, streaks and boards: maintained aggregates."""

    def get(self, workspace: WorkspaceId, channel: ChannelId, member: MemberId) -> Standing:
        """The member's standing in the channel; a fresh one if there is none."""
        ...

    def save(
        self,
        workspace: WorkspaceId,
        channel: ChannelId,
        member: MemberId,
        standing: Standing,
        *,
        day: date,
        points: int,
        right: bool,
    ) -> None:
        """Keep the standing after an answer to the round of `day`, whose points count for its week and month too."""
        ...

    def ranking(
        self, workspace: WorkspaceId, channel: ChannelId | None, period: int, *, member: MemberId, top: int
    ) -> Ranking:
        """The board of a period, as far as `top` places, and where `member` is; None means the whole workspace."""
        ...

    def top_in_domain(
        self, workspace: WorkspaceId, channel: ChannelId, pack: str, domain: str, limit: int
    ) -> Sequence[Score]:
        """The visible members with the most right answers in the channel's ranked rounds, which are their points."""
        ...

    def own_in_domain(
        self, workspace: WorkspaceId, channel: ChannelId, pack: str, domain: str, member: MemberId
    ) -> tuple[int, Score] | None:
        """The member's place among the visible ones, and score."""
        ...

    def size_in_domain(self, workspace: WorkspaceId, channel: ChannelId, pack: str, domain: str) -> int:
        """How many visible members have answered in the domain."""
        ...


class Learning(Protocol):
    """What members know of each domain, from all their responses."""

    def add(
        self,
        workspace: WorkspaceId,
        member: MemberId,
        item: Item,
        *,
        channel: ChannelId | None,
        right: bool,
        weight: float,
        fair: bool,
    ) -> Tally:
        """Count one response of the member, and what they have in the domain now, wherever it was given.

        `channel` is that of the round, None for one given in private; `fair` if nobody chose the item by what the
        member knows.
        """
        ...

    def tallies(self, workspace: WorkspaceId, member: MemberId, pack: str) -> Sequence[Tally]:
        """The member's domains that have answers."""
        ...

    def contributors(self, workspace: WorkspaceId, channel: ChannelId, pack: str) -> Mapping[str, int]:
        """How many members have answered in the channel's rounds, by domain."""
        ...

    def channel_tallies(self, workspace: WorkspaceId, channel: ChannelId, pack: str) -> Sequence[Tally]:
        """The channel's domains that have answers in its rounds."""
        ...
