"""The cash drawer. It hangs on a receipt printer and opens on a pulse that the printer is told to give."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Protocol

from boxoffice.devices.printers import PrinterFailed, Run, run_command


class BytesPort(Protocol):
    """A way to a printer that takes its commands as they are."""

    def send(self, content: bytes) -> None:
        """Raises PrinterFailed."""


class CashDrawer(Protocol):
    def open(self) -> None:
        """Raises PrinterFailed. A sale never waits for a drawer: open it after the sale is written down."""


class Pin(IntEnum):
    """Of the drawer's plug. Nearly every drawer listens on pin 2."""

    TWO = 0
    FIVE = 1


PULSE_MS = 100  # on, and the same off


def kick(pin: Pin = Pin.TWO) -> bytes:
    """ESC/POS `ESC p m t1 t2`; times in units of 2 ms."""
    return bytes((0x1B, 0x70, pin, PULSE_MS // 2, PULSE_MS // 2))


class EscPosDrawer:
    def __init__(self, port: BytesPort, pin: Pin = Pin.TWO) -> None:
        self._port, self._pin = port, pin

    def open(self) -> None:
        self._port.send(kick(self._pin))


class NoDrawer:
    """A till whose drawer opens with a key."""

    def open(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class NetworkPort:
    """A printer on the network, by its raw port."""

    host: str
    port: int = 9100
    timeout_s: float = 3

    def send(self, content: bytes) -> None:
        try:
            with socket.create_connection((self.host, self.port), self.timeout_s) as line:
                line.sendall(content)
        except OSError as error:
            raise _unreachable(self.host) from error


@dataclass(frozen=True, slots=True)
class DevicePort:
    """A printer by its device file, such as /dev/usb/lp0."""

    path: Path

    def send(self, content: bytes) -> None:
        try:
            device = os.open(self.path, os.O_WRONLY)  # never creates a file where a printer is unplugged
            try:
                os.write(device, content)
            finally:
                os.close(device)
        except OSError as error:
            raise _unreachable(str(self.path)) from error


@dataclass(frozen=True, slots=True)
class QueuePort:
    """A print queue of CUPS, past its filters."""

    queue: str
    run: Run = run_command

    def send(self, content: bytes) -> None:
        try:
            answer = self.run(("lp", "-d", self.queue, "-o", "raw", "-"), content)
        except (OSError, TimeoutError) as error:
            raise _unreachable(self.queue) from error
        if answer.code:
            raise _unreachable(self.queue)


def _unreachable(name: str) -> PrinterFailed:
    return PrinterFailed("drawer_unreachable", f"The drawer did not open: {name} does not answer.", "Use the key.")
