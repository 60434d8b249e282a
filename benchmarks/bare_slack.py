"""A bare Bolt app to compare with: it verifies, acknowledges and responds with a constant.

python -m benchmarks.bare_slack best|kept|default http://127.0.0.1:4003/api/

best     process_before_response, and an authorization that asks nobody; responds by Bolt's own `respond`
kept     the same, but responds over one connection that is kept, which Bolt's own doesn't do
default  Bolt as it comes, and nothing but the acknowledgement
"""

import asyncio
import re
import signal
import sys
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from tests.support.wire_slack import BOT_TOKEN, SIGNING_SECRET

SAID = "Right: B. Bagging lowers variance. Each tree sees another sample, and the mean of many varies less."


def build(mode: str, api: str, session: aiohttp.ClientSession) -> AsyncApp:
    """The app."""

    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id="T1", bot_token=BOT_TOKEN, bot_id="B1", bot_user_id="UBOT", user_id="U1"
        )

    client = AsyncWebClient(token=BOT_TOKEN, base_url=api, session=session)
    if mode == "default":
        app = AsyncApp(signing_secret=SIGNING_SECRET, client=client)
    else:
        app = AsyncApp(signing_secret=SIGNING_SECRET, client=client, authorize=authorize, process_before_response=True)

    @app.action(re.compile(".*"))
    async def _pressed(ack: AsyncAck, respond: AsyncRespond, body: dict[str, Any]) -> None:
        await ack()
        if mode == "best":
            await respond(text=SAID, response_type="ephemeral", replace_original=False)
        elif mode == "kept":
            said = {"text": SAID, "response_type": "ephemeral", "replace_original": False}
            async with session.post(body["response_url"], json=said) as answer:
                await answer.read()

    return app


async def main(mode: str, api: str) -> None:
    """Serve until SIGTERM; the port is printed."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with aiohttp.ClientSession() as session:
        served = build(mode, api, session).server(port=0, path="/slack/events", host="127.0.0.1").web_app
        runner = web.AppRunner(served, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(f"Slack: taking requests at http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
        await stop.wait()
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
