from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from boxoffice.devices.drawers import DevicePort, EscPosDrawer, NetworkPort, NoDrawer, Pin, QueuePort, kick
from boxoffice.devices.printers import Answer, PrinterFailed


@pytest.mark.parametrize(("pin", "hexed"), [(Pin.TWO, "1b70003232"), (Pin.FIVE, "1b70013232")])
def test_the_pulse_is_what_receipt_printers_understand(pin: Pin, hexed: str) -> None:
    assert kick(pin).hex() == hexed


def test_the_pulse_goes_over_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        got: list[bytes] = []

        def printer() -> None:
            line, _ = server.accept()
            with line:
                got.append(line.recv(100))

        thread = threading.Thread(target=printer)
        thread.start()
        EscPosDrawer(NetworkPort("127.0.0.1", server.getsockname()[1])).open()
        thread.join(5)
    assert got == [kick()]


def test_a_printer_that_is_off_is_said_so_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PrinterFailed, match="key") as failure:
        EscPosDrawer(NetworkPort("127.0.0.1", port, timeout_s=0.5)).open()
    assert failure.value.code == "drawer_unreachable"


def test_the_pulse_goes_to_a_device_file_and_never_makes_one(tmp_path: Path) -> None:
    device = tmp_path / "lp0"
    with pytest.raises(PrinterFailed):
        EscPosDrawer(DevicePort(device)).open()
    assert not device.exists()
    device.write_bytes(b"")
    EscPosDrawer(DevicePort(device), Pin.FIVE).open()
    assert device.read_bytes() == kick(Pin.FIVE)


def test_the_pulse_goes_past_the_filters_of_a_queue() -> None:
    calls: list[tuple[Sequence[str], bytes]] = []

    def run(command: Sequence[str], content: bytes) -> Answer:
        calls.append((command, content))
        return Answer(0 if "Receipts" in command else 1, "", "")

    EscPosDrawer(QueuePort("Receipts", run)).open()
    assert calls == [(("lp", "-d", "Receipts", "-o", "raw", "-"), kick())]
    with pytest.raises(PrinterFailed):
        EscPosDrawer(QueuePort("Nobody", run)).open()


def test_a_till_without_a_drawer_opens_nothing() -> None:
    NoDrawer().open()
