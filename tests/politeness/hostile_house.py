"""A house that attacks whoever visits it, between pages that are good.

Every attack is made as it is sent, so none of them needs the memory it is after.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Attack:
    """One address of the house.

    :param answer: yields the bytes of an answer, status line and all, until the visitor hangs up
    :param counted: the stat that says what became of it; None where it is harmless and ends as a page like others
    :param link: the address to link to, where it is not the house's own ``/productions/attack-<name>``
    """

    name: str
    answer: Callable[[HostileHouse], Iterable[bytes]]
    counted: str | None = None
    link: str | None = None
    pause_seconds: float = 0


def answer(
    body: bytes | Iterable[bytes], status: str = "200 OK", length: int | None = None, **headers: str
) -> Callable[[HostileHouse], Iterable[bytes]]:
    """Return an answer of one body; ``content_type="…"`` and the like become headers."""
    lines = {"content-type": "text/html; charset=utf-8"} | {k.replace("_", "-"): v for k, v in headers.items()}

    def send(_: HostileHouse) -> Iterator[bytes]:
        size = len(body) if isinstance(body, bytes) else length
        head = dict(lines) if size is None else {**lines, "content-length": str(size)}
        yield head_of(status, head)
        yield from [body] if isinstance(body, bytes) else body

    return send


def head_of(status: str, headers: Mapping[str, str]) -> bytes:
    """Return the status line and headers of an answer."""
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items()), "Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def html(*parts: str, head: str = "") -> bytes:
    """Return a page."""
    return f"<!doctype html><html lang=en><head>{head}</head><body>{''.join(parts)}</body></html>".encode()


class HostileHouse:
    """Serves good pages, a start page that links to everything, and attacks; each connection has its own thread."""

    def __init__(
        self,
        attacks: Iterable[Attack],
        *,
        robots: Callable[[HostileHouse], Iterable[bytes]] | None = None,
        sitemap: Callable[[HostileHouse], Iterable[bytes]] | None = None,
    ) -> None:
        self.attacks = {f"/productions/attack-{attack.name}": attack for attack in attacks}
        self.special = {"/robots.txt": robots, "/sitemap.xml": sitemap}
        self.asked: list[str] = []
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def good(self) -> tuple[str, ...]:
        """Its good pages: one at the beginning and two after each attack."""
        return tuple(f"/productions/good-{number}" for number in range(2 * len(self.attacks) + 1))

    @property
    def address(self) -> str:
        """``host:port``."""
        return "{}:{}".format(*self._listener.getsockname())

    def url(self, path: str = "/") -> str:
        """The URL of ``path`` here."""
        return f"http://{self.address}{path}"

    def __enter__(self) -> HostileHouse:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        socket.create_connection(self._listener.getsockname()).close()
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            connection, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                received = b""
                while b"\r\n\r\n" not in received:
                    more = connection.recv(65536)
                    if not more:
                        return
                    received += more
                path = received.split(b" ", 2)[1].decode("latin-1")
                self.asked.append(path)
                for chunk, pause_seconds in self._answer(path):
                    if pause_seconds and self._stopping.wait(pause_seconds):
                        return
                    connection.sendall(chunk)
                    if self._stopping.is_set():
                        return
            except OSError:
                pass  # the visitor has hung up: that is what we hope for

    def _answer(self, path: str) -> Iterator[tuple[bytes, float]]:
        bare = path.partition("?")[0]
        if (special := self.special.get(bare)) is not None:
            yield from ((chunk, 0) for chunk in special(self))
        elif (attack := self.attacks.get("/".join(bare.split("/")[:3]))) is not None:
            yield from ((chunk, attack.pause_seconds) for chunk in attack.answer(self))
        elif bare in ("/", *self.good):
            yield from ((chunk, 0) for chunk in answer(self._page(bare))(self))
        else:
            yield from ((chunk, 0) for chunk in answer(b"nothing here", "404 Not Found")(self))

    def _page(self, path: str) -> bytes:
        if path != "/":
            return html(f"<main><h1>Tosca {path.rpartition('-')[2]}</h1><p>Friday 5 March 2027, 19:30</p></main>")
        good = iter(self.good)
        links = [next(good)]
        for address, attack in self.attacks.items():
            links += [attack.link or address, next(good), next(good)]
        return html(
            "<main><h1>Season</h1>", *(f'<p><a href="{link}">Opera {link}</a></p>' for link in links), "</main>"
        )
