"""Serves pages from memory, in a process of its own: ``python -m benchmarks.throughput.server PAGES`` prints its port."""

from __future__ import annotations

import asyncio
import mimetypes
import sys

from benchmarks.throughput.house import pages


async def _answer(made: dict[str, bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one connection, for as many requests as it brings."""
    try:
        while request := await reader.readuntil(b"\r\n\r\n"):
            path = request.split(b" ", 2)[1].decode()
            body = made.get(path)
            status = "200 OK" if body is not None else "404 Not Found"
            kind = mimetypes.guess_type(path)[0] or "text/html; charset=utf-8"
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body or b'')}\r\n\r\n".encode()
            )
            writer.write(body or b"")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _serve(count: int) -> None:
    made = pages(count)
    server = await asyncio.start_server(lambda reader, writer: _answer(made, reader, writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made["/sitemap.xml"] = made["/sitemap.xml"].replace(b"<loc>/", f"<loc>http://127.0.0.1:{port}/".encode())
    made["/robots.txt"] = made["/robots.txt"].replace(b": /sitemap", f": http://127.0.0.1:{port}/sitemap".encode())
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)  # until whoever started it is gone
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
