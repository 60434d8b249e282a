"""A caller that waits for one answer over HTTP, and adds as little as it can to the time that takes."""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """A connection that is kept, to a server that says how long its responses are.

    A client library takes up to half a millisecond to send a request and to make a response of what comes back, which
    is much beside a server that takes no longer than that itself.
    """

    line: socket.socket
    head: bytes

    @classmethod
    def at(cls, url: str) -> Self:
        """One that posts there. Raises OSError if nobody listens."""
        asked = urlsplit(url)
        line = socket.create_connection((asked.hostname, asked.port), timeout=30)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(line, f"POST {asked.path} HTTP/1.1\r\nHost: {asked.netloc}\r\n".encode())

    def post(self, body: bytes, headers: Mapping[str, str]) -> float:
        """Seconds from the first byte sent until the last one received.

        It blocks. Raises AssertionError unless the status is 200, and OSError after 30 seconds without a byte.
        """
        named = {**headers, "Content-Length": str(len(body))}
        request = self.head + "".join(f"{name}: {value}\r\n" for name, value in named.items()).encode() + b"\r\n" + body
        began = time.perf_counter()
        self.line.sendall(request)
        got = self.line.recv(65_536)
        while not _whole(got):
            more = self.line.recv(65_536)
            assert more, "the server hung up"
            got += more
        took = time.perf_counter() - began
        assert got.startswith(b"HTTP/1.1 200 "), got[:100]
        return took

    def close(self) -> None:
        """Hang up."""
        self.line.close()


def _whole(got: bytes) -> bool:
    head, end, body = got.partition(b"\r\n\r\n")
    if not end:
        return False
    _, _, length = head.lower().partition(b"\r\ncontent-length:")
    return len(body) >= int(length.partition(b"\r\n")[0] or 0)
