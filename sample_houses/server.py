"""Serves the sample houses, one port each, as polite sites do: validators, charset, gzip, robots, an access log."""

from __future__ import annotations

import gzip
import hashlib
import json
import time
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import unquote, urlsplit

PAGES = Path(__file__).parent / "pages"
EXPECTED = ".expected.json"
BASE_PORT = 8711
LAST_MODIFIED = "Tue, 15 Sep 2026 08:00:00 GMT"
CONTENT_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".txt": "text/plain",
    ".xml": "application/xml",
}
GZIP_MIN_BYTES = 1_000


@dataclass(frozen=True, slots=True)
class Site:
    """How one house publishes. ``suffix`` ends the addresses of its pages; ``is_shell``: any path gets its index."""

    slug: str
    name: str
    language: str
    charset: str = "utf-8"
    suffix: str = ""
    is_shell: bool = False


SITES = (
    Site("carrowick", "Carrowick Opera", "en"),
    Site("kronwerth", "Theater Kronwerth", "de"),
    Site("montelauro", "Teatro Civico di Montelauro", "it", is_shell=True),
    Site("valbrume", "Opéra de Valbrume", "fr", charset="windows-1252", suffix=".html"),
    Site("vranohrad", "Opera Vranohrad", "cs"),
)


@dataclass(frozen=True, slots=True)
class House:
    """One served house. ``domain`` is ``127.0.0.1:PORT``; without a browser ``needs_browser`` pages are empty."""

    slug: str
    name: str
    domain: str
    url: str
    language: str
    needs_browser: bool


class Request(NamedTuple):
    """One line of the access log: seconds since the epoch, ``host:port``, and what was asked and answered."""

    time: float
    host: str
    method: str
    path: str
    status: int
    headers: dict[str, str]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD from the files of one site."""

    protocol_version = "HTTP/1.1"
    server_version = "SampleHouses"
    sys_version = ""
    timeout = 30

    def __init__(self, *args: object, site: Site, pages: Path, log: list[Request]) -> None:
        self.site = site
        self.folder = pages / site.slug
        self.access_log = log
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Send a file, 304 when the client has it, or 404."""
        path = unquote(urlsplit(self.path).path)
        file = self._file(path)
        if file is None:
            body = "<!DOCTYPE html><title>404</title><h1>404</h1>".encode(self.site.charset)
            self._send(HTTPStatus.NOT_FOUND, body, {"Content-Type": f"text/html; charset={self.site.charset}"})
            return
        charset = self.site.charset if file.suffix == ".html" else "utf-8"
        text = file.read_text(encoding="utf-8").replace("{{origin}}", self._origin)
        body = text.encode(charset)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {
            "Content-Type": f"{CONTENT_TYPES[file.suffix]}; charset={charset}",
            "ETag": etag,
            "Last-Modified": LAST_MODIFIED,
            "Cache-Control": "max-age=0, must-revalidate",
            "Vary": "Accept-Encoding",
        }
        if self._is_known(etag):
            self._send(HTTPStatus.NOT_MODIFIED, b"", headers)
            return
        if len(body) >= GZIP_MIN_BYTES and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, mtime=0)
            headers["Content-Encoding"] = "gzip"
        self._send(HTTPStatus.OK, body, headers)

    do_HEAD = do_GET

    @property
    def _origin(self) -> str:
        host, port = self.connection.getsockname()
        return f"http://{host}:{port}"

    def _file(self, path: str) -> Path | None:
        """Return the file behind a path; expected answers and anything outside the house's folder have none."""
        name = path.strip("/") or "index"
        file = (self.folder / name).resolve()
        if not file.is_relative_to(self.folder.resolve()) or name.endswith(EXPECTED):
            return None
        candidates = [file, *([file.with_name(f"{file.name}.html")] if not self.site.suffix or name == "index" else [])]
        for candidate in candidates:
            if candidate.suffix in CONTENT_TYPES and candidate.is_file():
                return candidate
        if self.site.is_shell and "." not in file.name:
            return self.folder / "index.html"
        return None

    def _is_known(self, etag: str) -> bool:
        if (given := self.headers.get("If-None-Match")) is not None:
            return given.strip() == "*" or etag in (part.strip().removeprefix("W/") for part in given.split(","))
        return self.headers.get("If-Modified-Since") == LAST_MODIFIED

    def _send(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.access_log.append(
            Request(time.time(), self._origin.removeprefix("http://"), self.command, self.path, status.value,
                    dict(self.headers.items()))
        )  # fmt: skip
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status is not HTTPStatus.NOT_MODIFIED:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: ``SampleHouses.log`` is the access log."""


class SampleHouses:
    """Serves every house while the ``with`` block runs.

    ``houses`` and ``log`` (requests of all houses, in order of arrival) are there from the start of the block.

    :param base_port: port of the first house, the others follow; 0 takes free ports
    :param pages: folder of the houses' files; tests serve an edited copy
    :raises OSError: a port is taken
    """

    def __init__(self, base_port: int = BASE_PORT, pages: Path = PAGES) -> None:
        self.base_port = base_port
        self.pages = pages
        self.houses: tuple[House, ...] = ()
        self.log: list[Request] = []
        self._servers: list[_Server] = []
        self._threads: list[Thread] = []

    def __enter__(self) -> Self:
        """Start one server and thread per house."""
        try:
            for offset, site in enumerate(SITES):
                handler = partial(_Handler, site=site, pages=self.pages, log=self.log)
                port = self.base_port + offset if self.base_port else 0
                self._servers.append(_Server(("127.0.0.1", port), handler))
        except OSError:
            self.close()
            raise
        self.houses = tuple(_house(site, server) for site, server in zip(SITES, self._servers, strict=True))
        for server in self._servers:
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop all servers."""
        self.close()

    def close(self) -> None:
        """Stop what runs and free the ports."""
        for server in self._servers[: len(self._threads)]:
            server.shutdown()
        for thread in self._threads:
            thread.join()
        for server in self._servers:
            server.server_close()
        self._servers.clear()
        self._threads.clear()

    def house(self, slug: str) -> House:
        """Return one house by its slug.

        :raises KeyError: no such house
        """
        return {house.slug: house for house in self.houses}[slug]


def expected(house: House) -> dict[str, dict[str, Any]]:
    """Return the answer to every page of a house, by path: a PageExtraction without ``block``, nulls, empty lists.

    Addresses in it are those at which ``house`` is served. Paths that are not listed here are not pages.
    """
    site = next(site for site in SITES if site.slug == house.slug)
    folder = PAGES / house.slug
    answers = {}
    for file in sorted(folder.rglob(f"*{EXPECTED}")):
        name = file.relative_to(folder).as_posix().removesuffix(EXPECTED)
        path = "/" if name == "index" else f"/{name}{site.suffix}"
        answers[path] = json.loads(file.read_text(encoding="utf-8").replace("{{origin}}", house.url.rstrip("/")))
    return answers


def _house(site: Site, server: _Server) -> House:
    domain = f"127.0.0.1:{server.server_port}"
    return House(site.slug, site.name, domain, f"http://{domain}/", site.language, site.is_shell)
