"""`trapwise pack import` and `trapwise pack export`: questions from and for other programs."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import assert_never

import click

from bot.cli.pack_folder import folder_of

# Named here too, so that --help need not load the importers; a test holds the two lists together.
IMPORTS = ("csv", "anki", "gift", "aiken", "qti", "notes")
EXPORTS = ("anki", "csv", "markdown")

_SHOWN = 200


@click.command("import")
@click.argument("form", metavar="FORMAT", type=click.Choice(IMPORTS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--pack", "pack_id", metavar="PACK", required=True, help="The pack to add to.")
@click.option("--domain", metavar="DOMAIN", required=True, help="Where to put what names no domain of the pack.")
@click.pass_obj
def import_drafts(content: Path, form: str, file: Path, pack_id: str, domain: str) -> None:
    """Add the questions of a FILE to a pack, as drafts that are not served until somebody finishes them.

    FORMAT is csv, anki (.apkg or .txt), gift, aiken, qti (2.1, .xml or .zip) or notes (a page of exam notes). What
    can't be used is told by its number, and the rest is kept.
    """
    from bot.packs.importers.drafts import MAX_BYTES
    from bot.packs.importers.formats import FORMATS
    from bot.packs.importers.writing import Refused, Written, add_drafts

    folder = folder_of(content, pack_id)
    with file.open("rb") as opened:
        raw = opened.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise click.ClickException(f"{file} is larger than {MAX_BYTES // 1_000_000} MB; split it.")
    found = FORMATS[form](raw)
    result = add_drafts(folder, found, domain=domain, today=_today())
    match result:
        case Refused():
            raise click.ClickException("\n".join(result.reasons))
        case Written():
            for row in result.bad[:_SHOWN]:
                click.echo(f"{file}: {found.unit} {row.number} {row.sentence}")
            if len(result.bad) > _SHOWN:
                click.echo(f"... and {len(result.bad) - _SHOWN} more")
            for path in result.files:
                click.echo(f"Wrote {path}")
            click.echo(
                f"Added as drafts: {result.items} items, {result.traps} traps, {result.cards} cards. "
                f"Left out: {len(result.bad)}."
            )
            if result.files:
                click.echo(f"See what is unfinished: trapwise pack lint {pack_id}")
            if not result.files:
                raise click.exceptions.Exit(1)
        case _:
            assert_never(result)


@click.command("export")
@click.argument("form", metavar="FORMAT", type=click.Choice(EXPORTS))
@click.argument("pack_id", metavar="PACK")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write.")
@click.pass_obj
def export_pack(content: Path, form: str, pack_id: str, out: Path) -> None:
    """Write the ready items of a PACK for another program: anki (.apkg), csv or markdown."""
    from bot.core.errors import PackError
    from bot.packs.exporters.anki import to_anki
    from bot.packs.exporters.document import to_document
    from bot.packs.exporters.table import to_table
    from bot.packs.loader import load_pack

    try:
        pack = load_pack(folder_of(content, pack_id))
    except PackError as error:
        raise click.ClickException(str(error)) from None
    if form == "anki":
        written = to_anki(pack, now=int(datetime.now(UTC).timestamp()))
    elif form == "csv":
        written = to_table(pack)
    else:
        written = to_document(pack)
    try:
        out.write_bytes(written)
    except OSError as error:
        raise click.ClickException(f"{out} can't be written ({error.strerror}).") from None
    click.echo(f"Wrote {len(pack.ready)} items to {out}")


def _today() -> date:
    return datetime.now(UTC).date()
