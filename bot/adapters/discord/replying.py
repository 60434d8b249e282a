"""Sends a reply in whichever way the interaction still allows: as its answer, or after a deferral."""

from dataclasses import dataclass
from typing import Any

import discord

from bot.adapters.discord import forms, origin, render, wording
from bot.view.card import Audience, Card, Form, Reply

_SUBMITTED = discord.InteractionType.modal_submit


@dataclass(frozen=True, slots=True)
class Held:
    """The interaction was deferred: `update` promised to redraw its message, else a new one was promised."""

    update: bool


async def hold(interaction: discord.Interaction) -> Held:
    """Acknowledge now and answer later. Which of the two can't be changed afterwards."""
    update = origin.on_private(interaction)
    if update:
        await interaction.response.defer()
    else:
        await interaction.response.defer(thinking=True, ephemeral=not origin.with_bot_alone(interaction))
    return Held(update)


async def send(interaction: discord.Interaction, reply: Reply, held: Held | None) -> None:
    """Send the reply. Raises what discord.py raises."""
    if reply.form is not None:
        if held is None and interaction.type is not _SUBMITTED:
            await interaction.response.send_modal(forms.modal(reply.form))
            return
        reply = Reply(card=_instead(reply.form))
    drawn = render.draw(_fitting(interaction, reply), attachments=_small_enough(interaction, reply))
    replace = reply.replace and origin.on_private(interaction)
    ephemeral = reply.audience is Audience.ONLY_YOU and not origin.with_bot_alone(interaction)
    parts: dict[str, Any] = {"view": drawn.view, "allowed_mentions": discord.AllowedMentions.none()}
    if held is None and replace:
        await interaction.response.edit_message(**parts, attachments=drawn.files)
    elif held is None:
        await interaction.response.send_message(**parts, files=drawn.files, ephemeral=ephemeral)
    elif held.update and not replace:
        await interaction.followup.send(**parts, files=drawn.files, ephemeral=ephemeral)
    elif not held.update and reply.audience is Audience.CHANNEL:
        # The deferral was private, and what follows first would be too.
        await interaction.delete_original_response()
        await interaction.followup.send(**parts, files=drawn.files)
    else:
        await interaction.edit_original_response(**parts, attachments=drawn.files)


async def announce(interaction: discord.Interaction, card: Card) -> None:
    """Say it to the whole channel, once the interaction has its reply. Raises what discord.py raises."""
    await interaction.followup.send(
        view=render.draw(card).view, allowed_mentions=discord.AllowedMentions.none(), ephemeral=False, silent=True
    )


def _instead(form: Form) -> Card:
    faulty = any(field.error for field in form.inputs)
    return forms.correction(form) if faulty else forms.opener(form)


def _small_enough(interaction: discord.Interaction, reply: Reply) -> Any:
    fits = sum(len(found.content) for found in reply.attachments) <= interaction.filesize_limit
    return reply.attachments if fits else ()


def _fitting(interaction: discord.Interaction, reply: Reply) -> Card:
    card = reply.card or Card(title=wording.DONE)
    if reply.attachments and not _small_enough(interaction, reply):
        return Card(title=wording.UPLOAD_TOO_LARGE, tone="refused")
    return card
