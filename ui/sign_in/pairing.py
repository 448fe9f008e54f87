"""The first start: which central this till belongs to, without a widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QCoreApplication

from boxoffice.domain.refusals import Malformed, Refused
from ui.tasks import TaskRunner


def _tr(text: str) -> str:
    return QCoreApplication.translate("Pairing", text)


@dataclass(frozen=True, slots=True)
class PairingForm:
    """What was typed. `checked` gives it back as it is sent, or raises Malformed with the field it is about."""

    address: str
    code: str
    name: str

    def checked(self) -> PairingForm:
        address = self.address.strip().rstrip("/")
        if not address:
            raise Malformed("address", _tr("is missing."), _tr("Your manager finds it in Setup, under Tills."))
        if "://" not in address:
            here = address.split(":")[0] in ("localhost", "127.0.0.1")
            address = f"{'http' if here else 'https'}://{address}"
        if not address.startswith(("http://", "https://")) or " " in address:
            raise Malformed("address", _tr("is not an address."), _tr("Type it like https://tickets.example.org."))
        code = self.code.strip().upper()
        if len(code) < 4:
            raise Malformed("code", _tr("is too short."), _tr("It is shown once, when the till is added in Setup."))
        name = self.name.strip()
        if not name:
            raise Malformed("name", _tr("is missing."), _tr("Say where this till stands, such as Foyer."))
        return PairingForm(address, code, name)


Pair = Callable[[PairingForm], None]
"""Ask central, keep the identity, load the first lists. Blocks. Raises Refused with what to do."""


class PairingView(Protocol):
    def show_waiting(self, waiting: bool) -> None: ...

    def show_error(self, field: str, message: str, way_out: str) -> None:
        """`field` is `address`, `code`, `name`, or empty when it is about none of them."""


class PairingPresenter:
    def __init__(self, view: PairingView, pair: Pair, tasks: TaskRunner, paired: Callable[[], None]) -> None:
        self._view, self._pair, self._tasks, self._paired = view, pair, tasks, paired
        self._is_waiting = False

    def connect(self, form: PairingForm) -> None:
        if self._is_waiting:
            return
        try:
            checked = form.checked()
        except Malformed as malformed:
            message = malformed.message.removeprefix(f"{malformed.field}: ")
            self._view.show_error(malformed.field, message, malformed.way_out)
            return
        self._wait(True)
        self._tasks.run(lambda: self._pair(checked), self._done, self._failed)

    def _done(self, _answer: None) -> None:
        self._wait(False)
        self._paired()

    def _failed(self, error: Exception) -> None:
        self._wait(False)
        if isinstance(error, Refused):
            self._view.show_error("", error.message, error.way_out)
        else:
            self._view.show_error("", _tr("Pairing stopped with an error of the program."), _tr("Try once more."))

    def _wait(self, waiting: bool) -> None:
        self._is_waiting = waiting
        self._view.show_waiting(waiting)
