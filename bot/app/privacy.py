"""A member sees, takes away or deletes what is kept about them."""

import csv
import io
import json
import zipfile

from bot.app.ports import Tx
from bot.app.records import MemberExport
from bot.app.services import Here
from bot.core.refs import MemberId, WorkspaceId
from bot.view import plaincards, wording
from bot.view.card import Attachment, Card
from bot.view.plaincards import notice

# A spreadsheet runs a cell that begins with one of these, the wide ones of East Asian keyboards included, as a formula:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def export(tx: Tx, here: Here) -> Attachment:
    """Everything kept about the member, as a zip of one JSON file and a CSV file per table."""
    return archive(tx.people.export(here.workspace.id, here.member.id))


def archive(found: MemberExport) -> Attachment:
    """An export as a zip file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as bundle:
        everything = {name: list(rows) for name, rows in found.tables}
        bundle.writestr("trapwise.json", json.dumps(everything, indent=2, ensure_ascii=False))
        for name, rows in found.tables:
            if rows:
                bundle.writestr(f"{name}.csv", _csv(rows))
    return Attachment(name="trapwise-export.zip", media_type="application/zip", content=held.getvalue())


def _csv(rows: tuple[dict[str, str | int | float | None], ...]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow([_harmless(value) for value in row.values()])
    return text.getvalue()


def _harmless(value: str | int | float | None) -> str | int | float | None:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def ask_to_forget(tx: Tx, here: Here) -> Card:
    """Say what would be deleted, and ask."""
    return plaincards.forget_question(tx.responses.count_of(here.workspace.id, here.member.id))


def forget(tx: Tx, workspace: WorkspaceId, member: MemberId) -> Card:
    """Delete the member and everything that hangs on them."""
    gone = tx.people.forget(workspace, member)
    return notice(
        f"Done. Your {wording.count(gone, 'answer')} and everything else kept about you are deleted. "
        "If you answer again, you begin anew.",
        tone="done",
    )
