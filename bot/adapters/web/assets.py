"""The static files: read once, served under an address that changes with their content."""

import mimetypes
from dataclasses import dataclass
from hashlib import blake2b

from aiohttp import web

from bot.adapters.web.render import FOLDER

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    content: bytes
    media_type: str
    version: str


class Assets:
    """All static files by name."""

    def __init__(self) -> None:
        self._files = {
            path.name: Asset(
                (content := path.read_bytes()),
                _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream",
                blake2b(content, digest_size=6).hexdigest(),
            )
            for path in sorted((FOLDER / "static").iterdir())
            if path.is_file()
        }

    def address(self, name: str) -> str:
        """Where a page finds the file."""
        return f"/static/{name}?v={self._files[name].version}"

    async def serve(self, request: web.Request) -> web.Response:
        """GET /static/{name}"""
        asset = self._files.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        # Our scripts import one another without a version, so those are asked for each time and mostly unchanged.
        fits = request.query.get("v") == asset.version
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable" if fits else "no-cache",
            "ETag": f'"{asset.version}"',
        }
        if f'"{asset.version}"' in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        return web.Response(body=asset.content, content_type=asset.media_type, charset="utf-8", headers=headers)
