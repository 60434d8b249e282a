"""Those who manage a channel set it up; nobody else can."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from bot.app.commands import COMMANDS
from bot.core.schedule import Pause, Reveal
from bot.view.card import Fields, Form
from bot.view.tokens import Report, Run, write
from tests.support.app_house import ADMIN, ANA, BEN, EIGHT, House, card_of, open_house, small_pack, words
from tests.support.builders import a_pack

SETUP = write(Run("setup"))
FILLED: dict[str, str | tuple[str, ...]] = {
    "time": "9:30",
    "zone": "europe/paris",
    "days": ("mon", "wed"),
    "closes": "240",
    "reveal": "at_close",
}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as made:
        yield made


async def form(house: House, line: str = "trapwise setup") -> Form:
    found = (await house.say(ADMIN, line)).form
    assert found is not None
    return found


def values_of(form: Form) -> dict[str, tuple[str, ...]]:
    return {field.name: field.value for field in form.fields}


async def test_setup_offers_what_one_would_expect(house: House) -> None:
    assert values_of(await form(house)) == {
        "time": ("09:00",),
        "zone": ("Europe/Berlin",),
        "days": ("mon", "tue", "wed", "thu", "fri"),
        "closes": ("480",),
        "reveal": ("now",),
    }


async def test_setup_offers_the_admins_own_zone(house: House) -> None:
    from_tokyo = replace(ADMIN, zone="Asia/Tokyo")
    found = (await house.say(from_tokyo, "setup")).form
    assert found is not None
    assert values_of(found)["zone"] == ("Asia/Tokyo",)


async def test_setup_offers_the_packs_where_there_are_several() -> None:
    packs = {"my-exam": small_pack(), "other": a_pack(20, id="other", title="Other exam")}
    async with open_house(packs=packs) as house:
        offered = (await form(house)).extra[0]
        assert (offered.value, {value for _, value in offered.choices}) == (("my-exam",), {"my-exam", "other"})
        assert "Other exam" in words(await house.submit(ADMIN, SETUP, **FILLED, pack="other"))
        assert (await house.plan()).pack == "other"
        assert (await form(house)).extra[0].value == ("other",)
        await house.submit(ADMIN, SETUP, **FILLED)
        assert (await house.plan()).pack == "other"
        refused = (await house.submit(ADMIN, SETUP, **FILLED, pack="gone")).form
        assert refused is not None
        assert "gone" in refused.extra[0].error


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "UTC+1"])
async def test_a_zone_the_platform_made_up_is_left_out(house: House, zone: str) -> None:
    found = (await house.say(replace(ADMIN, zone=zone), "setup")).form
    assert found is not None
    assert values_of(found)["zone"] == ("Europe/Berlin",)


async def test_setup_saves_and_shows_the_schedule(house: House) -> None:
    reply = await house.submit(ADMIN, SETUP, **FILLED)
    said = words(reply)
    assert "Saved. Questions will be posted here." in said
    assert "09:30, Mon, Wed, Europe/Paris" in said
    assert "4 hours" in said
    assert reply.announced is not None
    assert reply.announced.title == "Ada set up the daily question here."
    assert "09:30, Mon, Wed, Europe/Paris" in words(reply.announced)
    assert reply.announced.rows == ()
    plan = await house.plan()
    assert (plan.opens, plan.zone.key, plan.weekdays) == (time(9, 30), "Europe/Paris", frozenset({0, 2}))
    assert (plan.closes_after, plan.reveal) == (240, Reveal.AT_CLOSE)
    assert house.wakes != []


async def test_setup_again_offers_what_is_set(house: House) -> None:
    await house.submit(ADMIN, SETUP, **FILLED)
    found = values_of(await form(house))
    assert found == {
        "time": ("09:30",),
        "zone": ("Europe/Paris",),
        "days": ("mon", "wed"),
        "closes": ("240",),
        "reveal": ("at_close",),
    }


async def test_an_untouched_form_sent_twice_changes_nothing(house: House) -> None:
    await house.submit(ADMIN, SETUP, **FILLED)
    before = await house.plan()
    await house.submit(ADMIN, SETUP, **values_of(await form(house)))
    assert await house.plan() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time", ""),
        ("time", "25:00"),
        ("time", "noon"),
        ("zone", ""),
        ("zone", "Europe/Berlni"),
        ("days", ()),
        ("days", ("mon", "funday")),
        ("closes", "5"),
        ("closes", "9999"),
        ("closes", "\N{SUPERSCRIPT TWO}"),
        ("closes", "1" * 5000),
        ("reveal", "never"),
        ("zone", "x" * 5000),
    ],
)
async def test_a_wrong_field_comes_back_with_its_error(house: House, field: str, value: str | tuple[str, ...]) -> None:
    reply = await house.submit(ADMIN, SETUP, **FILLED | {field: value})
    assert reply.form is not None
    errors = {f.name: f.error for f in reply.form.fields if f.error}
    assert list(errors) == [field]
    kept = values_of(reply.form)
    assert {name: kept[name] for name in FILLED if name != field} == {
        name: (v,) if isinstance(v, str) else v for name, v in FILLED.items() if name != field
    }
    workspace, channel = await house.ids()
    assert await house.look(lambda tx: tx.schedules.get(workspace, channel)) is None


async def test_a_near_miss_is_suggested(house: House) -> None:
    reply = await house.submit(ADMIN, SETUP, **FILLED | {"zone": "Europe/Berlni"})
    assert "Europe/Berlin" in words(reply)


async def test_a_form_without_some_fields_keeps_the_rest(house: House) -> None:
    await house.submit(ADMIN, SETUP, **FILLED)
    await house.submit(ADMIN, SETUP, time="10:00", zone="Europe/Paris", days="mon")
    plan = await house.plan()
    assert (plan.opens, plan.closes_after, plan.reveal) == (time(10), 240, Reveal.AT_CLOSE)


async def test_fields_nobody_asked_for_are_ignored(house: House) -> None:
    await house.submit(ADMIN, SETUP, **FILLED | {"owner": "me"})
    assert (await house.plan()).pack == "my-exam"


@pytest.mark.parametrize("token", ["", "tw1:c:schedule", "tw1:c:setup:x", "tw1:y:forget-me", "x" * 200])
async def test_a_form_nobody_can_read(house: House, token: str) -> None:
    assert "I can't read that button" in words(await house.submit(ADMIN, token, **FILLED))


MANAGING = [spec.name for spec in COMMANDS if spec.managers]


@pytest.mark.parametrize("name", MANAGING)
async def test_only_those_who_manage_may(house: House, name: str) -> None:
    await house.schedule()
    before = await house.plan()
    said = "Only people who manage this channel can do that. Ask one of them."
    assert words(await house.say(ANA, f"trapwise {name}")).startswith(said)
    assert words(await house.say(ANA, name)).startswith(said)
    assert words(await house.press(ANA, write(Run(name)))).startswith(said)
    assert await house.plan() == before
    assert await house.rounds() == []


async def test_a_form_from_somebody_who_doesnt_manage_any_more(house: House) -> None:
    reply = await house.submit(replace(ADMIN, manages=False), SETUP, **FILLED)
    assert "Only people who manage" in words(reply)


@pytest.mark.parametrize("name", MANAGING)
async def test_where_there_is_no_channel_nothing_is_managed(house: House, name: str) -> None:
    direct = replace(ADMIN, channel=None)
    assert "Use that in a channel" in words(await house.say(direct, f"trapwise {name}"))
    assert "Use that in a channel" in words(await house.submit(direct, SETUP, **FILLED))


@pytest.mark.parametrize("name", [name for name in MANAGING if name not in ("setup",)])
async def test_before_the_setup_they_say_how_to_begin(house: House, name: str) -> None:
    said = words(await house.say(ADMIN, f"trapwise {name}"))
    assert "/trapwise setup" in said


async def test_the_schedule_command_sets_up_too(house: House) -> None:
    await house.say(ADMIN, "trapwise schedule 17.30 Asia/Tokyo daily 90m at_close")
    plan = await house.plan()
    assert (plan.opens, plan.zone.key, plan.closes_after) == (time(17, 30), "Asia/Tokyo", 90)
    assert (plan.weekdays, plan.reveal) == (frozenset(range(7)), Reveal.AT_CLOSE)


async def test_the_schedule_command_alone_shows_it(house: House) -> None:
    await house.schedule()
    said = words(await house.say(ADMIN, "trapwise schedule"))
    assert "09:00, Mon to Fri, Europe/Berlin" in said
    assert "Mon 23 Nov, 09:00 CET" in said
    assert "in 60 minutes" in said


@pytest.mark.parametrize("text", ["25:00", "Europe/Nowhere", "nonsense", "closes=3m", "closes=25h", "pack=other"])
async def test_what_the_schedule_command_cant_use_changes_nothing(house: House, text: str) -> None:
    await house.schedule()
    before = await house.plan()
    reply = await house.say(ADMIN, f"trapwise schedule 10:00 {text}")
    assert card_of(reply).tone == "refused"
    assert "Try " in words(reply)
    assert await house.plan() == before


@pytest.mark.parametrize("text", ["yesterday", "2020-01-01", "2026-13-01", "the day after"])
async def test_what_skip_cant_use_changes_nothing(house: House, text: str) -> None:
    await house.schedule()
    assert card_of(await house.say(ADMIN, f"skip {text}")).tone == "refused"
    assert (await house.plan()).skips == frozenset()


async def test_skips_are_kept_until_they_have_passed(house: House) -> None:
    await house.schedule()
    await house.say(ADMIN, "skip 2026-11-24")
    await house.say(ADMIN, "skip 2026-12-24")
    assert (await house.plan()).skips == {date(2026, 11, 24), date(2026, 12, 24)}
    house.clock.set(EIGHT + timedelta(days=2))
    await house.say(ADMIN, "skip 2026-12-25")
    assert (await house.plan()).skips == {date(2026, 12, 24), date(2026, 12, 25)}


async def test_skip_while_paused_asks_for_a_date(house: House) -> None:
    await house.schedule(pause=Pause.BY_ADMIN)
    assert card_of(await house.say(ADMIN, "skip")).tone == "refused"
    assert "Nothing will be posted on Thu 24 Dec" in words(await house.say(ADMIN, "skip 2026-12-24"))
    assert (await house.plan()).pause is Pause.BY_ADMIN


async def test_status_tells_what_is_going_on(house: House) -> None:
    await house.schedule()
    round_ = await house.opened()
    for actor in (ANA, BEN):
        await house.press(actor, write(Report(round_.id)))
    card = card_of(await house.say(ADMIN, "status"))
    (fields,) = (block for block in card.blocks if isinstance(block, Fields))
    said = words(card)
    assert len(fields.pairs) >= 6
    assert "Questions so far: 1" in said
    assert "Not used yet: 19 questions" in said
    assert "Waiting to be posted: nothing" in said
    assert f"{round_.item.id}: reported 2 times" in said


async def test_status_says_that_it_is_paused_and_why(house: House) -> None:
    await house.schedule(pause=Pause.CHANNEL_REFUSED)
    said = words(await house.say(ADMIN, "status"))
    assert "I may not post here any more" in said
    assert "Nothing is due." in said


async def test_settings_are_kept_and_shown(house: House) -> None:
    assert "You are shown on leaderboards." in words(await house.say(ANA, "settings"))
    assert "Saved." in words(await house.say(ANA, "trapwise settings hide"))
    await house.say(ANA, "settings reminders-on")
    said = words(await house.say(ANA, "settings"))
    assert "You are hidden from leaderboards" in said
    assert "reminder" not in said, "the web space can tell nobody anything"
    assert "You are shown on leaderboards." in words(await house.say(BEN, "settings"))
    await house.say(ANA, "settings show")
    await house.say(ANA, "settings reminders-off")
    again = words(await house.say(ANA, "settings"))
    assert "You are shown" in again


async def test_settings_that_dont_exist(house: House) -> None:
    assert "I don't understand “loud”" in words(await house.say(ANA, "settings loud"))
