"""The local space: people join by choosing a name, and the first one manages its channels."""

import secrets
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b

from bot.app.ports import Clock, Storage, Tx
from bot.core.refs import MemberRef, WorkspaceRef

LONGEST_NAME = 40

# Unicode categories that have no place in a name: controls, marks that can't be seen or turn the direction of the
# text after them (a name with one could dress up another's row), unpaired surrogates, private use, line separators.
_UNWANTED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

# Joiners shape letters and emoji in many scripts, so they stay.
_WANTED = frozenset("\u200c\u200d\t\n ")

# Letters by category, but drawn as nothing.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")


@dataclass(frozen=True, slots=True)
class NameRefused:
    """The name can't be used; `sentence` says why and what to do."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody who joined the space. Sessions hold `epoch`; one that holds another was signed out since."""

    member: MemberRef
    name: str
    manages: bool
    epoch: str = ""


def tidy(name: str) -> str | NameRefused:
    """The name as it is kept: any script, without controls, direction marks or repeated spaces."""
    kept = "".join(c for c in name if c in _WANTED or (unicodedata.category(c) not in _UNWANTED and c not in _BLANK))
    kept = " ".join(unicodedata.normalize("NFC", kept).split())
    if not any(unicodedata.category(c)[0] in "LNPS" for c in kept):
        return NameRefused("Choose a name with at least one letter or sign that can be seen.")
    if len(kept) > LONGEST_NAME:
        return NameRefused(f"That name has {len(kept)} characters; use at most {LONGEST_NAME}.")
    return kept


class Space:
    """Who is in one local workspace."""

    def __init__(self, storage: Storage, clock: Clock, workspace: WorkspaceRef) -> None:
        self._storage, self._clock, self.workspace = storage, clock, workspace

    async def join(self, name: str) -> Joined | NameRefused:
        """Take a name that nobody has yet. The first to join manages the space, while they are a member."""
        kept = tidy(name)
        if isinstance(kept, NameRefused):
            return kept
        ref = MemberRef(self.workspace, secrets.token_hex(8))
        now = self._clock.now()

        def record(tx: Tx) -> Joined | NameRefused:
            workspace = tx.people.workspace(self.workspace, "", now)
            if tx.people.named(workspace.id, kept) is not None:
                return NameRefused(
                    f"Somebody here is called {kept} already. Choose another name; if it is you, "
                    "use the browser you joined with, or the sign-in link from its settings."
                )
            tx.people.member(workspace.id, ref, kept, now)
            manager = tx.keyring.get(self._manager_key)
            # Also if the one who managed it was forgotten: somebody has to be able to.
            if manager is None or tx.people.look_up(MemberRef(self.workspace, manager)) is None:
                tx.keyring.put(self._manager_key, ref.id)
            return Joined(ref, kept, self._manages(tx, ref))

        return await self._storage.write(record)

    async def known(self, member: MemberRef) -> Joined | None:
        """Somebody who joined earlier; None if they were forgotten since."""

        def look(tx: Tx) -> Joined | None:
            found = tx.people.look_up(member)
            if found is None:
                return None
            return Joined(member, found.name, self._manages(tx, member), tx.keyring.get(_epoch_key(member)) or "")

        return await self._storage.read(look)

    async def sign_out_everywhere(self, member: MemberRef) -> None:
        """End all sessions of the member, and the use of all their sign-in links."""
        epoch = secrets.token_hex(4)
        await self._storage.write(lambda tx: tx.keyring.put(_epoch_key(member), epoch))

    @property
    def _manager_key(self) -> str:
        return f"manager:{self.workspace.platform}:{self.workspace.id}"

    def _manages(self, tx: Tx, member: MemberRef) -> bool:
        return tx.keyring.get(self._manager_key) == member.id


def _epoch_key(member: MemberRef) -> str:
    # The name outlives a member who is forgotten, so it doesn't tell their id.
    whole = f"{member.workspace.platform}:{member.workspace.id}:{member.id}"
    return f"sessions:{blake2b(whole.encode(), digest_size=16).hexdigest()}"
