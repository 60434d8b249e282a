"""Retired items: nobody is asked them again, and the history of those who answered them stays."""

from dataclasses import replace
from datetime import timedelta

from bot.core.attempt import Sitting
from bot.core.item import Status
from bot.core.pack import Pack
from bot.view.tokens import Visit, write
from tests.support.app_house import ANA, EIGHT, card_of, open_house, words
from tests.support.builders import SettableClock, a_pack
from tests.support.sitting_moves import attempts_of, begun, sit

DAY = timedelta(days=1)


def retired_in(pack: Pack, gone: set[str]) -> Pack:
    items = tuple(replace(item, status=Status.RETIRED) if item.id in gone else item for item in pack.items)
    return replace(pack, items=items)


async def test_nobody_is_asked_a_retired_item_and_what_was_answered_can_be_looked_at(database: str) -> None:
    clock = SettableClock(EIGHT)
    pack = a_pack(20)
    async with open_house(database=database, clock=clock, packs={"my-exam": pack}) as house:
        practice = await begun(house, "quiz 8", Sitting.PRACTICE)
        await sit(house, practice, right=2)
        answered = [place.item.id for place in practice.places]
    gone = set(answered[:6])
    clock.advance(days=9)
    async with open_house(database=database, clock=clock, packs={"my-exam": retired_in(pack, gone)}) as house:
        asked: set[str] = set()
        for line, sitting in (
            ("review 50", Sitting.REVIEW),
            ("quiz 50", Sitting.PRACTICE),
            ("quiz missed", Sitting.PRACTICE),
            ("exam", Sitting.EXAM),
        ):
            attempt = await begun(house, line, sitting)
            asked |= {place.item.id for place in attempt.places}
            assert attempt.length > 0, line
            await sit(house, attempt, right=0)
        await house.schedule()
        for day in range(20):
            await house.tick(clock.now() + day * DAY)
            await house.tick(clock.now() + day * DAY + timedelta(hours=9))
        asked |= {round_.item.id for round_ in await house.rounds()}
        assert asked == {item.id for item in pack.items} - gone
        old = (await attempts_of(house))[0]
        shown = words(card_of(await house.press(ANA, write(Visit(old.id, 5)))))
        assert f"What holds for `{answered[5]}`?".replace("`", "") in shown.replace("`", "")
