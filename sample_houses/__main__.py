"""``python -m sample_houses serve``: the sample houses on this machine until Ctrl-C."""

# ruff: noqa: T201 (a command prints)
from __future__ import annotations

import argparse
import signal
import sys
from threading import Event

from sample_houses.server import BASE_PORT, SampleHouses


def main(argv: list[str] | None = None) -> int:
    """Serve, print one line per house, and stop on SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m sample_houses", description="Invented opera houses to crawl.")
    serve = parser.add_subparsers(required=True).add_parser("serve", help="serve every house on its own port")
    serve.add_argument("--base-port", type=int, default=BASE_PORT, help="port of the first house; 0 takes free ones")
    options = parser.parse_args(argv)
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        with SampleHouses(options.base_port) as server:
            for house in server.houses:
                print(f"{house.url:<24} {house.slug:<12} {house.language}  {house.name}", flush=True)
            stopped.wait()
    except OSError as error:
        print(
            f"Cannot serve on 127.0.0.1 from port {options.base_port}: {error.strerror}. "
            "Another server may be running there; choose other ports with --base-port.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
