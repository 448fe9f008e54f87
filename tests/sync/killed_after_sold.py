"""A till that ends by SIGKILL in the moment in which its sale is durable."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.sync.online_till import OnlineTill

if __name__ == "__main__":
    till = OnlineTill(Path(sys.argv[1])).ready()
    till.drained()
    till.sell(till.allotment[:2])
    os.kill(os.getpid(), signal.SIGKILL)
