"""A web server on 127.0.0.1 that answers as told and remembers who asked for what, when."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Answer:
    """``is_reset`` breaks the connection, ``is_silent`` never answers."""

    body: str | bytes = "<html><title>A page</title><p>Some text.</p></html>"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    is_reset: bool = False
    is_silent: bool = False


@dataclass(frozen=True)
class Hit:
    """One line of the access log. ``at`` is in seconds of ``time.monotonic``."""

    path: str
    at: float
    headers: Mapping[str, str]
    status: int


Route = Answer | list[Answer] | Callable[[Hit], Answer]


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Clients that hang up are part of the tests."""


class LocalHost:
    """Answers 404 where no route is; of a list of answers the next each time, the last for ever."""

    def __init__(
        self, routes: Mapping[str, Any], address: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.routes = dict(routes)
        self.hits: list[Hit] = []
        self._asked: dict[str, int] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                host._handle(self)

            do_POST = do_GET

            def log_message(self, *args: object) -> None:
                pass

        self._server = _QuietServer((address, port), Handler)
        self._scheme = "http"
        if tls is not None:
            self._scheme = "https"
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def address(self) -> str:
        """``host:port``."""
        return f"{self._server.server_address[0]!s}:{self._server.server_address[1]}"

    def url(self, path: str = "/") -> str:
        """The URL of ``path`` here."""
        return f"{self._scheme}://{self.address}{path}"

    def paths(self, but: str = "") -> list[str]:
        """What was asked for, in order, without ``but``."""
        return [hit.path for hit in self.hits if hit.path != but]

    def gaps(self, *parts: str) -> list[float]:
        """Seconds between each two requests; without those whose path starts with one of ``parts``."""
        times = [hit.at for hit in self.hits if not (parts and hit.path.startswith(parts))]
        return [later - earlier for earlier, later in pairwise(times)]

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        at = time.monotonic()
        length = int(handler.headers.get("Content-Length") or 0)
        handler.rfile.read(length)
        hit = Hit(handler.path, at, {k.lower(): v for k, v in handler.headers.items()}, 0)
        with self._lock:
            answer = self._answer(hit)
            self.hits.append(Hit(hit.path, hit.at, hit.headers, answer.status))
        if answer.is_silent:
            self._stopping.wait()
        if answer.is_silent or answer.is_reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            handler.close_connection = True
            return
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        handler.send_response(answer.status)
        headers = {"Content-Type": "text/html; charset=utf-8", **answer.headers}
        if answer.status != 304:
            headers["Content-Length"] = str(len(body))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        if answer.status != 304:
            handler.wfile.write(body)

    def _answer(self, hit: Hit) -> Answer:
        route = self.routes.get(hit.path, Answer("nothing here", 404))
        if callable(route):
            return route(hit)
        if isinstance(route, Answer):
            return route
        asked = self._asked.get(hit.path, 0)
        self._asked[hit.path] = asked + 1
        return route[min(asked, len(route) - 1)]

    def __enter__(self) -> LocalHost:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
