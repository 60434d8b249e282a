"""`trapwise pack guess` and `trapwise pack diff`: how guessable a pack is, and what changed in it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.pack_folder import folder_of

if TYPE_CHECKING:
    from bot.core.pack import Pack
    from bot.packs.diff import Change
    from bot.packs.guessing.guesser import Guess

_SHOWN = 10


@click.command("guess")
@click.argument("pack_id", metavar="PACK")
@click.option("--folds", type=click.IntRange(2, 50), default=5, show_default=True, help="Parts to be examined on.")
@click.option("--seed", type=int, default=1, show_default=True, help="How the items are dealt to the parts.")
@click.option("--every-rule", is_flag=True, help="Show all rules instead of the best ones.")
@click.pass_obj
def guess_keys(content: Path, pack_id: str, folds: int, seed: int, every_rule: bool) -> None:
    """Let a guesser sit a pack that sees the form of the options and knows nothing else."""
    from bot.packs.guessing.guesser import guess

    loaded = _load(folder_of(content, pack_id))
    found = guess(loaded.ready, folds=folds, seed=seed)
    if found is None:
        raise click.ClickException(f"{pack_id} has {len(loaded.ready)} ready items; {folds} are needed at least.")
    click.echo(f"{loaded.title}: {found.items} items, {folds} parts, seed {seed}\n")
    echo_guess(found)
    click.echo(f"\n{'Every rule' if every_rule else 'The best rules'} alone")
    for rule in found.rules if every_rule else found.rules[:_SHOWN]:
        gain = 100 * (rule.score - found.chance)
        click.echo(f"  {100 * rule.score:5.1f} %  {gain:+5.1f}  {rule.rule}")
    click.echo("\nItems whose form says most about the key, with the probability it was given")
    for item_id, share in found.told[:_SHOWN]:
        click.echo(f"  {100 * share:5.1f} %  {item_id}")


def echo_guess(found: "Guess") -> None:
    """The score beside chance, with its interval."""
    click.echo(f"  Guesser  {100 * found.score:5.1f} %  (95 %: {100 * found.low:.1f} to {100 * found.high:.1f} %)")
    click.echo(f"  Chance   {100 * found.chance:5.1f} %")
    click.echo(f"  Gain     {100 * found.gain:+5.1f} points")


@click.command("diff")
@click.argument("old", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, file_okay=False, path_type=Path))
def diff_packs(old: Path, new: Path) -> None:
    """Tell what changed from the pack in folder OLD to the one in folder NEW.

    Exits with 1 if another answer is right than before, or an item was deleted instead of retired.
    """
    from bot.packs.diff import diff

    changes = diff(_load(old), _load(new))
    for change in changes:
        click.echo(_line(change))
    loud = sum(change.loud for change in changes)
    revisions = sum(change.new_revision for change in changes)
    click.echo(f"{len(changes)} changed, {revisions} of them new revisions of an item, {loud} to look at")
    if loud:
        raise click.exceptions.Exit(1)


def _line(change: "Change") -> str:
    mark = "!!" if change.loud else "  "
    sort = change.sort.upper() if change.loud else change.sort
    parts = f": {', '.join(change.parts)}" if change.parts else ""
    return f"{mark} {sort:<11}  {change.noun} {change.id}{parts}"


def _load(folder: Path) -> "Pack":
    from bot.core.errors import PackError
    from bot.packs.loader import load_pack

    try:
        return load_pack(folder)
    except PackError as error:
        raise click.ClickException(str(error)) from None
