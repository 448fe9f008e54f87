"""What the packaged program starts: the desktop program, or with `central` first the booking service.

The demo's central is a child process, and a packaged program has no Python to start `-m central` with.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from central.__main__ import main as central
from main import main as desktop


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["central"]:
        return central(arguments[1:])
    return desktop(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
