"""Serves houses from one process, one port each, and keeps the access log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Self

from benchmarks.synthetic_web.houses import house
from benchmarks.synthetic_web.site import Answer, Site

HERE = "127.0.0.1"
NAMES = ".example"  # of houses with several hosts


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the access log: what was asked, and what was sent."""

    target: str
    answer: Answer


class SyntheticWeb:
    """Houses on ports of 127.0.0.1. As a context it serves; ``logs`` maps a house's number to its access log."""

    def __init__(self, numbers: Iterable[int], first_port: int = 0) -> None:
        self.sites: dict[int, Site] = {}
        self.logs: dict[int, list[Hit]] = {}
        self.domains: dict[int, str] = {}
        self._servers: list[ThreadingHTTPServer] = []
        for number in numbers:
            site, log = house(number), []
            server = _Server(
                (HERE, first_port + number if first_port else 0),
                partial(_Handler, site=site, log=log, lock=Lock()),
            )
            self.sites[number], self.logs[number] = site, log
            # Only a name has subdomains; the worker leads it here.
            host = f"house{number}{NAMES}" if site.options.language_in == "host" else HERE
            self.domains[number] = f"{host}:{server.server_port}"
            site.origin = f"http://{self.domains[number]}"
            self._servers.append(server)

    def __enter__(self) -> Self:
        for server in self._servers:
            Thread(target=server.serve_forever, args=(0.5,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True
    wbufsize = -1

    def __init__(self, *args: object, site: Site, log: list[Hit], lock: Lock) -> None:
        self.site, self.log, self.lock = site, log, lock
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Send what the site answers."""
        subdomain = self.headers.get("Host", "").partition(".")[0]
        is_language = subdomain in self.site.options.languages and self.path != "/robots.txt"
        with self.lock:
            answer = self.site.answer(f"/~{subdomain}{self.path}" if is_language else self.path)
            self.log.append(Hit(self.path, answer))
        self.send_response(answer.status)
        if answer.location:
            self.send_header("Location", answer.location)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the access log is ``log``."""
