"""What storage answers about data that has grown old. See bot.app.ports."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bot.app.records import Aging, Answer
from bot.core.refs import MemberId, WorkspaceId

if TYPE_CHECKING:
    from bot.app.ports import Tx


class Retention(Protocol):
    """Deletes what has been kept for long enough. Asked by the bot itself, for all workspaces."""

    def members(self, after: MemberId, limit: int) -> Sequence[Aging]:
        """The members whose keys are beyond `after`, in order of their keys."""
        ...

    def oldest(self, workspace: WorkspaceId, member: MemberId, before: datetime, limit: int) -> Sequence[Answer]:
        """The member's answers up to the first that isn't older than `before`, in the order they were counted in.

        About `limit` of them: answers of one instant are never torn apart.
        """
        ...

    def condense(
        self,
        workspace: WorkspaceId,
        member: MemberId,
        answers: Sequence[Answer],
        count: "Callable[[Tx, Answer], None]",
    ) -> None:
        """Delete these answers, the member's oldest, and keep what `count` makes of them.

        The counts as a whole stay as they are, and a rebuild begins with what is kept here.
        """
        ...

    def drop_sittings(self, workspace: WorkspaceId, member: MemberId, before: datetime) -> int:
        """Delete the member's attempts and reports that are older, but no attempt that has answers; how many."""
        ...

    def drop_deliveries(self, before: datetime, limit: int) -> int:
        """Delete finished deliveries that are older, at most `limit` of them; how many."""
        ...
