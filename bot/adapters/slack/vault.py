"""Installations, sealed before they are stored: https://docs.slack.dev/authentication/best-practices-for-security.

The key comes from the environment and is kept nowhere else. Several keys, separated by commas, may be given while
changing it: the first seals, all of them open.
"""

import json
from dataclasses import asdict, fields, replace

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.adapters.slack.workspaces import Grant
from bot.app.ports import Clock, Storage, Tx
from bot.core.errors import SettingsError, StorageBroken


class Vault:
    """Keeps grants by owner: a workspace, or an organisation for all of its workspaces."""

    def __init__(self, storage: Storage, clock: Clock, keys: str) -> None:
        """Raises SettingsError if a key isn't one."""
        self._storage, self._clock = storage, clock
        try:
            self._box = MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])
        except ValueError:
            raise SettingsError(
                "SLACK_ENCRYPTION_KEY: it has to be 32 random bytes in URL-safe base64. Make one with:\n"
                "  python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
            ) from None

    async def save(self, grant: Grant) -> None:
        """Keep the grant, in place of an earlier one of the same owner."""
        sealed = self._seal(grant)
        now = self._clock.now()
        await self._storage.write(lambda tx: tx.installations.put(grant.owner, sealed, now))

    async def find(self, workspace: str, enterprise: str) -> Grant | None:
        """The workspace's own grant, else its organisation's; StorageBroken if the key doesn't open it."""

        def look(tx: Tx) -> str | None:
            own = tx.installations.get(workspace) if workspace else None
            if own is not None:
                return own
            over = enterprise or tx.installations.enterprise_of(workspace) or ""
            return tx.installations.get(over) if over else None

        sealed = await self._storage.read(look)
        return self._open(sealed) if sealed is not None else None

    async def join(self, workspace: str, enterprise: str) -> None:
        """Note that the workspace is one of the organisation's: a post at nine tells us only the workspace."""
        await self._storage.write(lambda tx: tx.installations.join(workspace, enterprise))

    async def delete(self, workspace: str, enterprise: str) -> tuple[str, ...]:
        """Delete the workspace's grant, or the organisation's; the workspaces that had it."""

        def drop(tx: Tx) -> tuple[str, ...]:
            if workspace and tx.installations.get(workspace) is not None:
                tx.installations.delete(workspace)
                return (workspace,)
            over = enterprise or tx.installations.enterprise_of(workspace) or ""
            teams = tuple(tx.installations.teams_of(over)) if over else ()
            tx.installations.delete(over)
            return teams

        return await self._storage.write(drop)

    def _seal(self, grant: Grant) -> str:
        return self._box.encrypt(json.dumps({**asdict(grant), "scopes": sorted(grant.scopes)}).encode()).decode()

    def _open(self, sealed: str) -> Grant:
        try:
            found = json.loads(self._box.decrypt(sealed.encode()))
        except InvalidToken:
            raise StorageBroken(
                "SLACK_ENCRYPTION_KEY doesn't open what is stored. Set the key that sealed it, or let workspaces "
                "install the app again."
            ) from None
        known = {field.name for field in fields(Grant)}
        grant = Grant(**{name: value for name, value in found.items() if name in known})
        return replace(grant, scopes=frozenset(found.get("scopes", ())))
