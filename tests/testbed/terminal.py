"""Runs a command in a terminal of its own, and prints as JSON what came onto its screen and how it ended.

    python terminal.py [--columns 100] [--rows 30] COMMAND [ARGUMENT ...]

The terminal takes in standard error and standard input of the command; its standard output is a file, as whoever keeps a report
has it. `screen` is each byte in order, with the sequences that move the cursor.
"""

import argparse
import fcntl
import json
import os
import pty
import struct
import subprocess
import tempfile
import termios

parser = argparse.ArgumentParser()
parser.add_argument("--columns", type=int, default=100)
parser.add_argument("--rows", type=int, default=30)
parser.add_argument("command", nargs=argparse.REMAINDER)
arguments = parser.parse_args()

ours, theirs = pty.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", arguments.rows, arguments.columns, 0, 0))
kept = tempfile.TemporaryFile()
child = subprocess.Popen(arguments.command, stdin=theirs, stdout=kept, stderr=theirs, start_new_session=True)
os.close(theirs)
screen = b""
while True:
    try:
        part = os.read(ours, 65536)
    except OSError:  # nobody holds the other end any more
        break
    if not part:
        break
    screen += part
status = child.wait()
kept.seek(0)
print(json.dumps({"status": status, "stdout": kept.read().decode(), "screen": screen.decode()}))
