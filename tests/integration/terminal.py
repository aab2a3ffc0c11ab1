"""Run a command on a pseudo terminal, type, and look at the screen as a person would see it."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

import pyte

_LONGEST_S = 20
"""A wait that takes longer has failed; none is meant to."""


class Terminal:
    """Hold a program and its screen."""

    def __init__(self, command, *, env, columns=80, lines=24, cwd=None):
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen = pyte.Screen(columns, lines)
        # Programs ask where the cursor is; what the screen answers is typed.
        self.screen.write_process_input = lambda text: os.write(self._master, text.encode())
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        # The first terminal that the leader of a session opens becomes its own, so that Ctrl-C reaches it.
        opened = ["/bin/sh", "-c", 'exec "$@" <"$0" >"$0" 2>&1', os.ttyname(slave), *command]
        self.process = subprocess.Popen(opened, stdin=subprocess.DEVNULL, env=env, cwd=cwd, start_new_session=True)
        self._slave = slave  # kept open until the program has it

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._close_slave()
        os.close(self._master)

    def type(self, text):
        os.write(self._master, text.encode())

    @property
    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip("\n")

    def until(self, is_there):
        """Read until the text is on the screen, or until a condition on the screen's text is met."""
        met = is_there if callable(is_there) else lambda text: is_there in text
        end = time.monotonic() + _LONGEST_S
        while not met(self.text):
            assert self._read(end - time.monotonic()), f"it did not come; the screen is\n{self.text}"
        return self.text

    def end(self):
        """Read until the program has ended; return its exit code."""
        end = time.monotonic() + _LONGEST_S
        while self._read(end - time.monotonic()):
            pass
        return self.process.wait(_LONGEST_S)

    def _read(self, timeout_s):
        ready, _, _ = select.select([self._master], [], [], max(timeout_s, 0))
        if not ready:
            return False
        self._close_slave()
        try:
            chunk = os.read(self._master, 65536)
        except OSError:  # Linux answers EIO when the other side has gone
            return False
        self.raw += chunk
        self._stream.feed(chunk)
        return bool(chunk)

    def _close_slave(self):
        if self._slave is not None:
            os.close(self._slave)
            self._slave = None
