"""Neutral forms as modals. An answer to one is read from what was sent alone, so it also works after a restart."""

from collections import OrderedDict
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.adapters.discord import limits, wording
from bot.app.actions import Submission
from bot.view.card import Bullets, Button, Card, Field, Form, Line, Paragraph, Strong, Style, Text

Input = ui.TextInput[ui.Modal] | ui.Select[ui.Modal] | ui.RadioGroup[ui.Modal] | ui.CheckboxGroup[ui.Modal]


def modal(form: Form) -> ui.Modal:
    """The form as a modal, ready to be sent, without what is extra: a modal has no room for it."""
    drawn = ui.Modal(title=limits.cut(form.title, limits.MODAL_TITLE), custom_id=form.token)
    fields = form.fields[: limits.MODAL_FIELDS]
    if form.intro and len(fields) < limits.MODAL_FIELDS:
        drawn.add_item(ui.TextDisplay(limits.cut(form.intro, limits.TEXT)))
    for field in fields:
        hint = limits.cut(field.error or field.hint, limits.FIELD_HINT)
        drawn.add_item(
            ui.Label(
                text=limits.cut(field.label, limits.FIELD_LABEL),
                description=hint or None,
                component=_input(field),
            )
        )
    # A finished modal isn't kept by discord.py, which would keep one for each that is opened and never sent, and
    # would mix up two people's with the same custom_id.
    drawn.stop()
    return drawn


def _input(field: Field) -> Input:
    if not field.choices:
        value = field.value[0] if field.value else ""
        return ui.TextInput(custom_id=field.name, default=value or None, required=False, max_length=300)
    choices = field.choices[: limits.MENU_ENTRIES]
    chosen = [value for _, value in choices if value in field.value]
    if field.many and len(choices) <= limits.RADIO_ENTRIES:
        return ui.CheckboxGroup(
            custom_id=field.name,
            required=False,
            min_values=0,
            max_values=len(choices),
            options=[
                discord.CheckboxGroupOption(
                    label=limits.cut(label, limits.MENU_TEXT), value=value, default=value in chosen
                )
                for label, value in choices
            ],
        )
    if not field.many and 2 <= len(choices) <= limits.RADIO_ENTRIES:
        return ui.RadioGroup(
            custom_id=field.name,
            required=False,
            options=[
                discord.RadioGroupOption(
                    label=limits.cut(label, limits.MENU_TEXT), value=value, default=value in chosen[:1]
                )
                for label, value in choices
            ],
        )
    several = chosen if field.many else chosen[:1]
    return ui.Select(
        custom_id=field.name,
        required=False,
        min_values=0,
        max_values=len(choices) if field.many else 1,
        options=[
            discord.SelectOption(label=limits.cut(label, limits.MENU_TEXT), value=value, default=value in several)
            for label, value in choices
        ],
    )


def opener(form: Form) -> Card:
    """A button in place of a form that Discord won't open any more: a modal can't follow a late answer."""
    button = Button(label=wording.OPEN_FORM, token=form.token, style=Style.PRIMARY)
    return Card(title=wording.SLOW_FORM, rows=((button,),), tone="notice")


def correction(form: Form) -> Card:
    """What is wrong with a sent form. A modal can't follow a modal, so a button opens it again."""
    lines: list[Line] = [(Strong(f"{field.label}: "), Text(field.error)) for field in form.inputs if field.error]
    return Card(
        title=wording.CORRECT,
        blocks=(Bullets(tuple(lines)) if lines else Paragraph((Text(form.intro),)),),
        rows=((Button(label=wording.CORRECT_IT, token=form.token, style=Style.PRIMARY),),),
        tone="refused",
    )


class Drafts:
    """Forms that were sent and refused, so that they open again as they were typed.

    Kept in memory and few of them: what a restart loses is only a few words that were not accepted anyhow.
    """

    MOST = 200

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], Form] = OrderedDict()

    def keep(self, submission: Submission, form: Form) -> None:
        """Remember a refused form as it was typed."""
        typed = dict(submission.values)
        fields = tuple(replace(field, value=typed.get(field.name, field.value)) for field in form.fields)
        self._kept[self._key(submission)] = replace(form, fields=fields)
        while len(self._kept) > self.MOST:
            self._kept.popitem(last=False)

    def take(self, member: object, channel: object, form: Form) -> Form:
        """The form as it was typed, if it was refused before; else as it is."""
        return self._kept.pop((member, channel, form.token), form)

    def drop(self, submission: Submission) -> None:
        """Forget it: it was accepted."""
        self._kept.pop(self._key(submission), None)

    @staticmethod
    def _key(submission: Submission) -> tuple[Any, ...]:
        return (submission.actor.member, submission.actor.channel, submission.token)
