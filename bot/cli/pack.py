"""`trapwise pack`: checks, counts and extends content packs."""

from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.pack_folder import folder_of
from bot.cli.pack_judge import diff_packs, echo_guess, guess_keys
from bot.cli.pack_transfer import export_pack, import_drafts

if TYPE_CHECKING:
    from bot.packs.lint import Finding
    from bot.packs.profile import Profile, Tally

# What loads packs is imported inside the commands: it brings YAML and Markdown parsers, and `--help` needs neither.


def _default_content() -> Path:
    content = Path(__file__).resolve().parents[2] / "content"
    here = Path.cwd()
    return content.relative_to(here) if content.is_relative_to(here) else content


@click.group()
@click.option(
    "--content",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=_default_content,
    show_default="the folder beside the program",
    help="The folder that holds the packs.",
)
@click.pass_context
def pack(context: click.Context, content: Path) -> None:
    """Check, count and extend content packs."""
    context.obj = content


for _command in (guess_keys, diff_packs, import_drafts, export_pack):
    pack.add_command(_command)


@pack.command("lint")
@click.argument("packs", nargs=-1, metavar="[PACK]...")
@click.option("--reasons", is_flag=True, help="Say for each rule why it exists and where it comes from.")
@click.pass_obj
def lint_packs(content: Path, packs: tuple[str, ...], reasons: bool) -> None:
    """List everything to mend in these packs, or in all. Exits with 1 if there is a fault."""
    from bot.core.errors import PackError
    from bot.packs.lint import lint
    from bot.packs.loader import load_with_places
    from bot.packs.reviews import read_reviews
    from bot.packs.rules.rule import Severity

    folders = [folder_of(content, name) for name in packs] or _all_folders(content)
    failed = False
    for folder in folders:
        try:
            loaded = load_with_places(folder)
            reviews = read_reviews(folder, loaded.pack)
        except PackError as error:
            failed = True
            for fault in error.faults:
                click.echo(fault)
            click.echo(f"{error.pack}: not loaded, {_count(len(error.faults), 'fault')}")
            continue
        findings = lint(loaded.pack, _today(), places=loaded.places, reviews=reviews)
        _echo_findings(findings, reasons=reasons)
        faults = sum(finding.severity is Severity.FAULT for finding in findings)
        failed = failed or faults > 0
        items, warnings = len(loaded.pack.items), len(findings) - faults
        click.echo(
            f"{loaded.pack.id}: {_count(items, 'item')}, {_count(faults, 'fault')}, {_count(warnings, 'warning')}"
        )
    if failed:
        raise click.exceptions.Exit(1)


@pack.command("stats")
@click.argument("pack_id", metavar="PACK")
@click.pass_obj
def pack_stats(content: Path, pack_id: str) -> None:
    """Show what a pack holds, how its keys lie, and how far a guesser gets."""
    from bot.core.errors import PackError
    from bot.packs.guessing.guesser import guess
    from bot.packs.loader import load_pack
    from bot.packs.profile import profile

    try:
        loaded = load_pack(folder_of(content, pack_id))
    except PackError as error:
        raise click.ClickException(str(error)) from None
    figures = profile(loaded)
    weights = {domain.id: f"weight {domain.weight} %" for domain in loaded.blueprint.domains}
    click.echo(f"{loaded.title} ({loaded.id} {loaded.version})")
    _echo_tally("Items by status", figures.by_status)
    _echo_tally("Ready items by domain", figures.by_domain, notes=weights)
    _echo_tally("Ready items by kind", figures.by_kind)
    _echo_tally("Ready items by difficulty", figures.by_difficulty)
    _echo_tally("Position of the key", figures.key_positions)
    _echo_figures(figures)
    _echo_coverage(figures)
    if (found := guess(loaded.ready)) is not None:
        click.echo("\nA guesser that sees the form of the options only")
        echo_guess(found)
        best = found.rules[0]
        click.echo(f"  Best rule {100 * (best.score - found.chance):+.1f} points: {best.rule}")


@pack.command("preview")
@click.argument("item_id", metavar="ITEM")
@click.option("--pack", "pack_id", metavar="PACK", help="The pack it is in; needed if several have such an item.")
@click.option(
    "--as",
    "platform",
    type=click.Choice(["terminal", "web", "slack", "discord"]),
    default="terminal",
    show_default=True,
    help="Print a page for web, and what would be sent for slack and discord.",
)
@click.pass_obj
def preview_item(content: Path, item_id: str, pack_id: str | None, platform: str) -> None:
    """Show an item as its question, and with all options explained."""
    from bot.cli import preview
    from bot.core.errors import PackError
    from bot.packs.loader import load_pack
    from bot.packs.shape_check import suggestion

    folders = [folder_of(content, pack_id)] if pack_id else _all_folders(content)
    try:
        packs = [load_pack(folder) for folder in folders]
    except PackError as error:
        raise click.ClickException(str(error)) from None
    found = [(item, loaded) for loaded in packs if (item := loaded.item(item_id)) is not None]
    if not found:
        known = tuple(item.id for loaded in packs for item in loaded.items)
        raise click.ClickException(f"There is no item {item_id}; {suggestion(item_id, known)}")
    if len(found) > 1:
        names = ", ".join(loaded.id for _, loaded in found)
        raise click.ClickException(f"Several packs have an item {item_id}: {names}. Choose one with --pack.")
    preview.show(*found[0], platform)


@pack.command("new-item")
@click.argument("pack_id", metavar="PACK")
@click.argument("domain")
@click.argument("item_id", metavar="ID")
@click.pass_obj
def new_item(content: Path, pack_id: str, domain: str, item_id: str) -> None:
    """Append the skeleton of an item to a domain's file, as a draft."""
    from bot.packs.skeleton import Refused, add_item

    result = add_item(folder_of(content, pack_id), domain=domain, item_id=item_id, today=_today())
    if isinstance(result, Refused):
        raise click.ClickException("\n".join(result.reasons))
    click.echo(f"Added {item_id} as a draft: {result.file}:{result.line}")
    click.echo(f"Fill it in, remove its status line, then run: trapwise pack lint {pack_id}")


@pack.command("schema")
@click.option("--write", is_flag=True, help="Write it to the content folder instead of printing it.")
@click.pass_obj
def items_schema(content: Path, write: bool) -> None:
    """Print the JSON Schema of an items file, for editors."""
    from bot.packs.schema import FILE_NAME, items_schema_text

    if not write:
        click.echo(items_schema_text(), nl=False)
        return
    (content / FILE_NAME).write_text(items_schema_text(), encoding="utf-8")
    click.echo(f"Wrote {content / FILE_NAME}")


def _all_folders(content: Path) -> list[Path]:
    from bot.packs.loader import pack_folders

    folders = list(pack_folders(content))
    if not folders:
        raise click.ClickException(f"There is no pack in {content}: no folder in it has a pack.yaml.")
    return folders


def _today() -> date:
    return datetime.now(UTC).date()


def _echo_findings(findings: "tuple[Finding, ...]", *, reasons: bool) -> None:
    def place(finding: "Finding") -> tuple[str, int, str]:
        file, _, line = finding.where.rpartition(":")
        return (file, int(line), finding.rule.id) if line.isdecimal() else (finding.where, 0, finding.rule.id)

    ordered = sorted(findings, key=place)
    width = max((len(finding.rule.id) for finding in findings), default=0)
    for file, group in groupby(ordered, key=lambda finding: place(finding)[0]):
        click.echo(file)
        for finding in group:
            line = place(finding)[1]
            click.echo(f"  {line:>5}  {finding.severity:<7}  {finding.rule.id:<{width}}  {finding.sentence}")
        click.echo()
    if reasons:
        for rule in dict.fromkeys(finding.rule for finding in findings):
            click.echo(f"{rule.id}: {rule.reason}\n    {rule.source}")


def _echo_tally(title: str, tally: "Tally", notes: dict[str, str] | None = None) -> None:
    click.echo(f"\n{title}")
    width = max((len(name) for name, _ in tally.counts), default=0)
    for name, count in tally.counts:
        percent = 100 * count / tally.total if tally.total else 0.0
        note = f"  {notes[name]}" if notes else ""
        click.echo(f"  {name:<{width}}  {count:>5}  {percent:>5.1f} %{note}")


def _echo_figures(figures: "Profile") -> None:
    rows = (
        ("Key strictly longest", f"{100 * figures.key_longest:.1f} %"),
        ("Key strictly shortest", f"{100 * figures.key_shortest:.1f} %"),
        ("Key to distractor length, median", f"{figures.length_ratio:.2f}"),
        ("Distractors with a trap", f"{100 * figures.options_with_trap:.1f} %"),
        ("Items with cases", f"{figures.cases}"),
        ("Traps", f"{figures.traps}"),
        ("  in two items or more", f"{figures.traps_in_two_items}"),
        ("  unused", f"{figures.traps_unused}"),
        ("Facts", f"{figures.facts}"),
        ("  cited", f"{figures.facts_cited}"),
        ("Cards", f"{figures.cards}"),
    )
    click.echo("\nFigures")
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        click.echo(f"  {name:<{width}}  {value:>7}")


def _echo_coverage(figures: "Profile") -> None:
    click.echo("\nReady items for each fact, by kind, and for each trap: how many there are, and how few the least has")
    width = max((len(found.name) for found in figures.coverage), default=0)
    for found in figures.coverage:
        click.echo(f"  {found.name:<{width}}  {found.entries:>5}  fewest {found.fewest:>3}  mean {found.mean:>5.1f}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
