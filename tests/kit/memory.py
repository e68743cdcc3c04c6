"""Where do tests put their throw-away files? In memory where it is roomy: hundreds of databases come and go in a run.

Such files outlive every process that is killed, as files on a disk do, so what the tests prove of kill -9 is the same.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOMY = 6 * 1024**3
"""Bytes that must be free: the built wheel is installed there, and databases of a hundred thousand rows."""


def prefer_memory() -> None:
    """Let `tempfile` and pytest's `tmp_path` be in memory, unless TMPDIR says where or there is too little of it."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= ROOMY:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None
