"""Becomes the object store's server, after asking the kernel to end it together with its parent.

`python -I seaweed_launch.py PARENT_PID PROGRAM ARGUMENT...`: a file run by path, so that it imports nothing of ours and is
there in a few milliseconds.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Replaces this process by the server."""
    parent, program = int(sys.argv[1]), sys.argv[2]
    os.umask(0o077)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        sys.exit(f"prctl: expected success, got {os.strerror(ctypes.get_errno())}")
    # The parent may have gone before the kernel was asked.
    if os.getppid() != parent:
        sys.exit(f"parent: expected process {parent}, got {os.getppid()}")
    os.execv(program, sys.argv[2:])  # noqa: S606  no shell: the arguments are as they are


if __name__ == "__main__":
    main()
