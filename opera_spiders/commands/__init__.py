"""What the scripts and ``scrapy`` itself call.

Scrapy imports every module here at each start, so heavy imports stand inside functions.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from opera_spiders.errors import OperaError

#: Exit status of a command that Ctrl-C ended, as shells have it.
INTERRUPTED = 130


def whole_number(text: str) -> int:
    """Return a count of the command line.

    :raises argparse.ArgumentTypeError: it is no whole number above 0
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def run_command(command: Callable[[], int]) -> int:
    """Return the exit status of ``command``; an error of ours becomes its one line on stderr and its own status."""
    try:
        return command()
    except OperaError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("Interrupted. Run the same command again: what is done is kept, nothing is done twice.", file=sys.stderr)
        return INTERRUPTED
