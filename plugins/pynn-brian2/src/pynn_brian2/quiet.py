"""Brian 2, imported in silence: without its log file, its console messages and its hooks for errors and Ctrl-C.

Only modules that are themselves imported at the first ``setup`` import this one: Brian takes seconds to load.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from typing import Any


def _import_brian() -> Any:
    """The module ``brian2``; what it changes in this process is undone, unless the script imported it before us."""
    if "brian2" in sys.modules:
        import brian2

        return brian2
    uncaught = sys.excepthook
    main = threading.current_thread() is threading.main_thread()
    interrupted = signal.getsignal(signal.SIGINT)
    import brian2

    sys.excepthook = uncaught
    if main and interrupted is not None:
        signal.signal(signal.SIGINT, interrupted)
    _take_back_logging()
    return brian2


def _take_back_logging() -> None:
    """Brian writes a log file and a copy of the script for every process, and catches everybody's warnings."""
    from brian2.utils.logger import BrianLogger

    logger = logging.getLogger("brian2")
    if BrianLogger.file_handler is not None:
        logger.removeHandler(BrianLogger.file_handler)
        BrianLogger.file_handler.close()
        BrianLogger.file_handler = None
    for name in ("tmp_log", "tmp_script"):
        path = getattr(BrianLogger, name)
        if path is not None and os.path.exists(path):
            os.remove(path)
        setattr(BrianLogger, name, None)
    logging.captureWarnings(False)
    logging.getLogger("py.warnings").removeHandler(BrianLogger.console_handler)
    logger.setLevel(logging.ERROR)  # else each object that Brian makes is told of, in some milliseconds


brian2: Any = _import_brian()
