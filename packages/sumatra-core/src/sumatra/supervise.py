"""``python -m sumatra.supervise FOLDER``: run the job of a run folder to its end, inside a batch job."""

from __future__ import annotations

import sys
from pathlib import Path

from sumatra.running.supervise import supervise

if __name__ == "__main__":
    supervise(Path(sys.argv[1]).absolute())
