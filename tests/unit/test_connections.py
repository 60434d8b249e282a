"""Connections that a rush needed are closed when it is over, though requests keep coming."""

import asyncio

import aiohttp
from aiohttp import web

from bot.connections import Newest

RUSH = 8


async def test_what_a_rush_opened_is_closed_while_requests_go_on() -> None:
    everybody = asyncio.Barrier(RUSH)

    async def answer(request: web.Request) -> web.Response:
        if "rush" in request.query:
            await everybody.wait()
        return web.Response()

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server = runner.server
    assert server is not None
    try:
        async with aiohttp.ClientSession(connector=Newest(keepalive_timeout=0.2)) as session:

            async def ask(query: str = "") -> None:
                async with session.get(f"http://{host}:{port}/{query}") as response:
                    assert response.status == 200

            await asyncio.gather(*(ask("?rush") for _ in range(RUSH)))
            assert len(server.connections) == RUSH
            async with asyncio.timeout(10):
                while len(server.connections) > 1:
                    await ask()
    finally:
        await runner.cleanup()
