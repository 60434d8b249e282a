"""Finds the folder of a pack that a command names."""

from pathlib import Path

import click


def folder_of(content: Path, name: str) -> Path:
    """The folder of the pack `name`; a click error that suggests known names if there is none."""
    from bot.packs.loader import pack_folders
    from bot.packs.shape_check import suggestion

    known = {folder.name: folder for folder in pack_folders(content)}
    if name not in known:
        hint = suggestion(name, tuple(known)) if known else "it holds no pack at all."
        raise click.ClickException(f"There is no pack {name} in {content}; {hint}")
    return known[name]
