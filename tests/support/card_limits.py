"""What every card, form and menu has to keep to, whatever it says: the limits that hold on all platforms."""

from collections.abc import Iterator

from bot.core.outcomes import Unreadable
from bot.view import tokens
from bot.view.card import Card, Form, Reply

BUTTONS_IN_A_ROW = 5
ROWS = 5
MENU_ENTRIES = 25
FORM_FIELDS = 5
LABEL = 75
"""The shortest of the platforms' limits for a button's label."""


def faults(of: Reply | Card | Form) -> list[str]:
    """Everything about it that would be refused somewhere."""
    match of:
        case Reply():
            return [fault for part in (of.card, of.form) if part is not None for fault in faults(part)]
        case Card():
            return list(_card(of))
        case Form():
            return list(_form(of))


def _card(card: Card) -> Iterator[str]:
    if not card.title.strip():
        yield "a card without a title"
    if len(card.rows) + (card.menu is not None) > ROWS:
        yield f"{card.title}: {len(card.rows)} rows of buttons and a menu"
    held = []
    for row in card.rows:
        if not 1 <= len(row) <= BUTTONS_IN_A_ROW:
            yield f"{card.title}: {len(row)} buttons in one row"
        for button in row:
            if not 1 <= len(button.label) <= LABEL:
                yield f"{card.title}: a label of {len(button.label)} characters"
            if bool(button.token) == bool(button.url):
                yield f"{card.title}: the button {button.label} needs either a token or an address"
            held += [button.token] if button.token else []
    if card.menu is not None:
        if not 1 <= len(card.menu.entries) <= MENU_ENTRIES:
            yield f"{card.title}: {len(card.menu.entries)} entries in the menu"
        for label, token in card.menu.entries:
            if not 1 <= len(label) <= LABEL:
                yield f"{card.title}: a menu entry of {len(label)} characters"
            held.append(token)
    for token in held:
        if len(token) > tokens.LONGEST or isinstance(tokens.read(token), Unreadable):
            yield f"{card.title}: the token {token}"
    buttons = [button.token for row in card.rows for button in row if button.token]
    for token in sorted({token for token in buttons if buttons.count(token) > 1}):
        yield f"{card.title}: two buttons carry {token}, which one platform refuses"


def _form(form: Form) -> Iterator[str]:
    if not 1 <= len(form.fields) <= FORM_FIELDS:
        yield f"{form.title}: {len(form.fields)} fields"
    if len({field.name for field in form.inputs}) != len(form.inputs):
        yield f"{form.title}: two fields of one name"
    if isinstance(tokens.read(form.token), Unreadable):
        yield f"{form.title}: the token {form.token}"
    for field in form.inputs:
        if not 1 <= len(field.label) <= LABEL:
            yield f"{form.title}: the label of {field.name}"
        if len(field.choices) > MENU_ENTRIES:
            yield f"{form.title}: {len(field.choices)} choices of {field.name}"
        for label, value in field.choices:
            if not (1 <= len(label) <= LABEL and 1 <= len(value) <= LABEL):
                yield f"{form.title}: the choice {label[:20]} of {field.name}"
