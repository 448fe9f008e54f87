"""A whole day at the counter and at the door, step by step."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from boxoffice.documents.ticket import Stock, TicketPaper, tickets_pdf
from boxoffice.domain.facts import SaleBody
from boxoffice.domain.ids import PerformanceId, TicketId
from boxoffice.domain.staff import Role
from boxoffice.services.programme import Listing
from boxoffice.services.till import Till
from ui.compose import TillWindow
from ui.door.workspace import Door
from ui.orders.workspace import Orders
from ui.reports.workspace import Reports
from ui.sell.workspace import Sell
from ui.shift.presenter import Step
from ui.shift.workspace import Shift
from ui.sign_in.view import StaffTile
from ui.tour.hands import Hands, TourFailed
from ui.tour.network import Cable

_ENTER = Qt.Key.Key_Return
_CTRL = Qt.KeyboardModifier.ControlModifier
_FLOAT_MINOR = 20_000


@dataclass(slots=True)
class StepTaken:
    name: str
    duration_ms: int
    figures: dict[str, Any] = field(default_factory=dict)


class Day:
    """`papers` is the folder that the till's file printer prints into; `out` gets what the tour leaves."""

    def __init__(self, window: TillWindow, till: Till, cable: Cable, papers: Path, out: Path, is_quick: bool) -> None:
        self._window, self._till, self._cable, self._papers, self._out = window, till, cable, papers, out
        self._shell = window.shell
        self._hands = Hands(window.shell, out, is_quick)
        self._steps: list[StepTaken] = []
        self._sales: list[SaleBody] = []
        self._tickets: list[TicketPaper] = []
        self._hero: PerformanceId | None = None

    def run(self) -> None:
        """Raises TourFailed at the first thing that is not as it should be."""
        self._shell.resize(1366, 768)
        self._take("wait for the lists", self._wait_for_lists)
        self._take("sign in", lambda: self._sign_in(Role.MANAGER))
        self._take("open a shift", self._open_shift)
        self._take("sell two seats for tonight by keyboard", self._reference_sale)
        self._take("print the tickets", self._print)
        self._take("sell for another performance", self._other_performance)
        self._take("cut the network", self._cut)
        self._take("sell from the allotment", self._offline_sale)
        self._take("scan both tickets at the door", self._scan_both)
        self._take("scan one again", self._scan_again)
        self._take("refund one", self._refund_one)
        self._take("restore the network", self._restore)
        self._take("everything reconciles", self._reconcile)
        self._take("look at today's report", self._report)
        self._take("cash up", self._cash_up)
        self._leave_papers()
        self._write()

    def _take(self, name: str, step: Callable[[], dict[str, Any] | None]) -> None:
        started = time.monotonic()
        try:
            figures = step() or {}
        except TourFailed as failed:
            self._hands.picture("failed")
            raise TourFailed(f"{name}: {failed}") from failed
        self._steps.append(StepTaken(name, round((time.monotonic() - started) * 1000), figures))

    # the morning

    def _wait_for_lists(self) -> dict[str, Any]:
        """The programme, tonight's house, the keys of the doors, and an allotment for tonight."""

        def ready() -> bool:
            return self._till.store.read_cache(lambda cache: cache.keys.get()) is not None and self._tonight().left > 0

        self._hands.until(ready, "the lists and the allotment", 90)
        return {"allotment": self._tonight().left}

    def _sign_in(self, role: Role) -> dict[str, Any]:
        """By arrow keys and PIN."""
        member = next(member for member in self._till.programme.catalogue().staff if member.role is role)
        self._hands.until(lambda: self._shell.isVisible(), "the sign-in page")
        self._hands.rest()
        self._hands.picture("sign-in", everywhere=not self._steps or len(self._steps) < 2)
        tiles = self._shell.findChildren(StaffTile)
        tile = next(tile for tile in tiles if tile.text() == member.name)
        self._hands.click(tile)
        self._hands.start_counting()
        self._hands.type(member.demo_pin)
        if not self._shell.is_open:
            self._hands.rest(0.2)
        self._hands.until(lambda: self._shell.is_open, f"{member.name} to be signed in")
        return {"key_presses": self._hands.presses}

    def _open_shift(self) -> dict[str, Any]:
        shift = self._go_to("4", Shift)
        state = self._state_of(shift)
        self._hands.until(lambda: state().step is Step.CLOSED and self._shell.isVisible(), "the page of no shift")
        self._hands.rest()
        self._hands.picture("open-shift")
        self._hands.press("a", modifiers=_CTRL)
        self._hands.type(f"{_FLOAT_MINOR // 100}")
        self._hands.press(_ENTER)
        self._hands.until(lambda: state().step is Step.OPEN, "the open shift")
        return {"float_minor": _FLOAT_MINOR}

    # selling

    def _reference_sale(self) -> dict[str, Any]:
        sell = self._go_to("1", Sell)
        self._hands.until(lambda: sell.presenter.house is not None and not sell.presenter.is_busy, "tonight's house")
        self._hands.rest()
        self._hands.picture("sell-empty", everywhere=True)
        self._hands.start_counting()
        started = time.monotonic()
        self._hands.press("2")
        self._hands.press(_ENTER)
        self._hands.until(lambda: len(sell.presenter.basket.lines) == 2, "two seats in the basket")
        found_ms = round((time.monotonic() - started) * 1000)
        presses = self._hands.presses
        self._hands.rest()
        self._hands.picture("sell-basket", everywhere=True)
        sold = self._pay_cash(sell, picture=True)
        return {"key_presses": presses + 2, "seats_found_ms": found_ms, "receipt": sold.receipt}

    def _print(self) -> dict[str, Any]:
        receipt = self._sales[0].receipt
        files = [f"tickets-{receipt}", f"receipt-{receipt}"]

        def printed() -> bool:
            names = [path.name for path in self._papers.glob("*.pdf")]
            return all(any(name.startswith(file) for name in names) for file in files)

        self._hands.until(printed, "the tickets and the receipt")
        return {"files": len(list(self._papers.glob("*.pdf")))}

    def _other_performance(self) -> dict[str, Any]:
        sell = self._go_to("1", Sell)
        tonight = sell.presenter.house
        listings = self._till.programme.listings()
        other = next(
            listing
            for listing in listings
            if not listing.ended
            and tonight is not None
            and listing.performance.id != tonight.performance.id
            and listing.free > 20
            and listing.production.title[:2].casefold() != tonight.production.title[:2].casefold()
        )
        self._hands.start_counting()
        self._hands.press(Qt.Key.Key_F2)
        self._hands.type(_two_letters(other.production.title))
        self._hands.press(_ENTER)
        self._hands.until(
            lambda: sell.presenter.house is not tonight and not sell.presenter.is_busy, "the other performance"
        )
        self._hands.press("2")
        self._hands.press(_ENTER)
        self._hands.until(lambda: len(sell.presenter.basket.lines) == 2, "two seats in the basket")
        presses = self._hands.presses
        self._hands.rest()
        self._hands.picture("sell-other-performance")
        self._pay_cash(sell)
        return {"key_presses": presses + 2}

    def _offline_sale(self) -> dict[str, Any]:
        sell = self._go_to("1", Sell)
        tonight = self._tonight()
        sell.presenter.choose(tonight.performance.id)
        self._hands.until(
            lambda: (
                sell.presenter.house is not None
                and sell.presenter.house.performance.id == tonight.performance.id
                and not sell.presenter.house.online
                and not sell.presenter.is_busy
            ),
            "tonight's house, offline",
        )
        self._hands.rest()
        self._hands.picture("sell-offline", everywhere=True)
        self._hands.press("2")
        self._hands.press(_ENTER)
        self._hands.until(lambda: len(sell.presenter.basket.lines) == 2, "two seats of the allotment")
        sold = self._pay_cash(sell)
        return {"receipt": sold.receipt, "facts_waiting": self._waiting()}

    def _pay_cash(self, sell: Sell, picture: bool = False) -> SaleBody:
        before = len(self._last_sales())
        self._hands.press(Qt.Key.Key_F5)
        if picture:
            self._hands.rest()
            self._hands.picture("pay-cash", everywhere=True)
        self._hands.press(_ENTER)
        self._hands.until(lambda: not sell.presenter.basket.lines and not sell.presenter.is_busy, "the sale")
        sales = self._hands.until(
            lambda: sales if len(sales := self._last_sales()) > before else None, "the sale in the journal"
        )
        sold = sales[0]
        self._sales.append(sold)
        self._tickets += self._papers_of(sold)
        if picture:
            self._hands.rest()
            self._hands.picture("sold")
        return sold

    # the network and the door

    def _cut(self) -> dict[str, Any]:
        self._cable.pull()
        self._hands.until(lambda: self._shell.banner.is_open, "the offline banner")
        return {}

    def _scan_both(self) -> dict[str, Any]:
        door = self._go_to("2", Door)
        tonight = self._tonight()
        self._hands.until(lambda: door.presenter.state.performance is not None, "the door's performance")
        if door.presenter.state.performance != tonight.performance.id:
            door.presenter.choose_performance(tonight.performance.id)
        self._hands.rest()
        self._hands.picture("door-ready", everywhere=True)
        shown = []
        for paper in self._tickets[-2:]:
            shown.append(self._scan(door, paper.token))
        self._hands.rest()
        self._hands.picture("door-admit", everywhere=True)
        self._expect(shown, "admit", "admit")
        return {"verdicts": shown}

    def _scan_again(self) -> dict[str, Any]:
        door = self._go_to("2", Door)
        shown = self._scan(door, self._tickets[-1].token)
        self._hands.rest()
        self._hands.picture("door-already-in", everywhere=True)
        self._expect([shown], "refused")
        return {"verdicts": [shown]}

    def _scan(self, door: Door, token: str) -> str:
        """The colours that the door showed."""
        before = door.presenter.state.verdict
        count = len(door.presenter.state.scans)
        self._hands.scan(token)

        def judged() -> bool:
            state = door.presenter.state
            return state.verdict is not None and (state.verdict is not before or len(state.scans) > count)

        self._hands.until(judged, "a verdict")
        self._hands.rest(0.2)
        verdict = door.presenter.state.verdict
        return verdict.colors if verdict is not None else ""

    def _refund_one(self) -> dict[str, Any]:
        """One ticket of the first sale, which nobody has used."""
        orders = self._go_to("3", Orders)
        first = self._sales[0]
        presenter = orders.presenter
        self._hands.press(Qt.Key.Key_F2)
        self._hands.type(first.order_code)
        self._hands.until(
            lambda: presenter.state.order is not None and presenter.state.order.sale == first.sale, "the order"
        )
        self._hands.rest()
        keep = first.tickets[1].ticket
        presenter.toggle(keep)
        self._hands.until(lambda: presenter.state.chosen == {first.tickets[0].ticket}, "one chosen ticket")
        self._hands.picture("orders", everywhere=True)
        self._hands.click(orders.view.refund_button)
        dialog = self._hands.until(lambda: orders.view.dialog, "the question before a refund")
        self._hands.rest()
        self._hands.picture("refund")
        self._hands.click(dialog.confirm_button)
        refunded = self._hands.until(lambda: self._refunded(first, first.tickets[0].ticket), "the refund")
        self._hands.rest()
        return {"refund_minor": refunded}

    def _restore(self) -> dict[str, Any]:
        waiting = self._waiting()
        self._shell.offline.open()
        self._hands.rest()
        self._hands.picture("what-still-works")
        self._cable.plug_in()  # not before the button is there: the till looks by itself as well, and would be quicker
        self._hands.click(self._shell.offline.try_now)
        self._hands.until(lambda: not self._shell.banner.is_open, "the till to be online again", 120)
        return {"facts_waiting_before": waiting}

    def _reconcile(self) -> dict[str, Any]:
        """Nothing waits, the books balance, and central's own lists say the same as the till's."""
        self._hands.until(lambda: self._waiting() == 0, "the last fact to be acknowledged", 120)
        sold = {line.ticket for sale in self._sales for line in sale.tickets}
        refunded = {self._sales[0].tickets[0].ticket}

        def central_agrees() -> bool:
            found = {ticket: self._record(ticket) for ticket in sold}
            return all(
                record is not None and record.valid == (ticket not in refunded) for ticket, record in found.items()
            )

        self._hands.until(central_agrees, "central's lists to show the sales", 60)
        store = self._till.store
        balance = store.read(lambda tx: tx.ledger.balance())
        attention = store.read(lambda tx: len(tx.journal.needs_attention()))
        pushed = store.read(lambda tx: tx.journal.applied_hi())
        if balance or attention:
            raise TourFailed(f"the ledger sums to {balance} and {attention} facts need attention")
        return {"facts_pushed": pushed, "ledger_sum": balance, "attention": attention}

    # the evening

    def _report(self) -> dict[str, Any]:
        reports = self._go_to("6", Reports)
        self._hands.rest(0.8)
        self._hands.picture("reports", everywhere=True)
        path = self._out / "report.csv"
        reports.presenter.export(path)
        self._hands.until(path.exists, "the exported report")
        self._go_to_key("5")
        self._hands.rest()
        self._hands.picture("attention", everywhere=True)
        return {"rows": len(path.read_text("utf-8-sig").splitlines()) - 1}

    def _cash_up(self) -> dict[str, Any]:
        shift = self._go_to("4", Shift)
        state = self._state_of(shift)
        self._hands.until(lambda: state().step is Step.OPEN, "the open shift")
        self._hands.rest()
        self._hands.picture("shift", everywhere=True)
        self._hands.press(Qt.Key.Key_F5)
        self._hands.until(lambda: state().step is Step.COUNT, "the count")
        expected = self._till.shifts.figures().expected.total_minor
        counts = _pieces(expected, shift.presenter.denominations)
        for denomination in sorted(counts, reverse=True):
            field_ = shift.view.table.fields[denomination]
            field_.setFocus()
            self._hands.type(str(counts[denomination]))
        self._hands.rest()
        self._hands.picture("count", everywhere=True)
        self._hands.press(Qt.Key.Key_F5)
        self._hands.until(lambda: state().step is Step.DIFFERENCE, "the difference")
        self._hands.rest()
        self._hands.picture("difference", everywhere=True)
        difference = state().difference_minor
        self._hands.click(shift.view.leave_button)
        self._hands.until(lambda: state().step is Step.LEAVE, "what stays")
        self._hands.rest()
        self._hands.picture("leave")
        self._hands.click(shift.view.close_button)
        self._hands.until(lambda: state().step is Step.DONE, "the closed shift")
        self._hands.rest()
        self._hands.picture("closed")
        self._hands.until(lambda: list(self._papers.glob("z-report*.pdf")), "the Z report")
        self._hands.until(lambda: self._waiting() == 0, "the closing to be acknowledged", 60)
        return {"expected_minor": expected, "difference_minor": difference}

    # what the tour leaves

    def _leave_papers(self) -> None:
        (self._out / "tickets.pdf").write_bytes(tickets_pdf(self._tickets, Stock.STOCK_5_5X2))
        for wanted, pattern in (
            ("receipt.pdf", f"receipt-{self._sales[0].receipt}*.pdf"),
            ("z-report.pdf", "z-report*.pdf"),
        ):
            shutil.copyfile(sorted(self._papers.glob(pattern))[-1], self._out / wanted)

    def _write(self) -> None:
        keys = self._till.store.read_cache(lambda cache: cache.keys.get())
        report = {
            "steps": [
                {
                    "name": step.name,
                    "duration_ms": step.duration_ms,
                    **({"figures": step.figures} if step.figures else {}),
                }
                for step in self._steps
            ],
            "reference_sale": {
                "key_presses": self._figure("sell two seats for tonight by keyboard", "key_presses"),
                "key_presses_with_another_performance": self._figure("sell for another performance", "key_presses"),
            },
            "facts_pushed": self._till.store.read(lambda tx: tx.journal.applied_hi()),
            "ledger_sum": self._till.store.read(lambda tx: tx.ledger.balance()),
            "tickets": [
                {
                    "place": " ".join(part for part in (p.section, p.row, p.seat) if part),
                    "code": p.code,
                    "token": p.token,
                }
                for p in self._tickets
            ],
            "keys": keys.model_dump(mode="json") if keys is not None else None,
            "pictures": self._hands.pictures,
        }
        (self._out / "tour.json").write_text(json.dumps(report, indent=1, ensure_ascii=False), "utf-8")

    def _figure(self, step: str, name: str) -> Any:
        return next(taken.figures[name] for taken in self._steps if taken.name == step)

    # looking

    def _go_to(self, number: str, kind: type[Any]) -> Any:
        self._go_to_key(number)
        workspace = self._shell.current
        if not isinstance(workspace, kind):
            raise TourFailed(f"Ctrl+{number} did not open {kind.__name__}")
        return workspace

    def _go_to_key(self, number: str) -> None:
        self._hands.press(number, modifiers=_CTRL)
        self._hands.rest(0.2)

    def _state_of(self, shift: Shift) -> Callable[[], Any]:
        return lambda: shift.presenter.state

    def _tonight(self) -> Listing:
        """The performance that the demo is about: the first that has not ended. It stays the same one all day."""
        listings = self._till.programme.listings()
        if self._hero is None:
            self._hero = next(listing.performance.id for listing in listings if not listing.ended)
        return next(listing for listing in listings if listing.performance.id == self._hero)

    def _waiting(self) -> int:
        return self._till.store.read(lambda tx: tx.journal.waiting())

    def _last_sales(self) -> list[SaleBody]:
        return [stored.sale for stored in self._till.store.read(lambda tx: tx.sales.last(20))]

    def _papers_of(self, sale: SaleBody) -> tuple[TicketPaper, ...]:
        return self._till.papers.tickets(self._till.store.read(lambda tx: tx.sales.get(sale.sale)))

    def _refunded(self, sale: SaleBody, ticket: TicketId) -> int:
        stored = self._till.store.read(lambda tx: tx.sales.get(sale.sale))
        return -sum(refund.total_minor for refund in stored.refunds) if ticket in stored.refunded else 0

    def _record(self, ticket: TicketId) -> Any:
        found = self._till.store.read_cache(lambda cache: cache.houses.ticket(ticket))
        return found[1] if found is not None else None

    def _expect(self, shown: list[str], *wanted: str) -> None:
        if tuple(shown) != wanted:
            raise TourFailed(f"the door showed {shown}, not {list(wanted)}")


def _two_letters(title: str) -> str:
    return "".join(char for char in title.casefold() if char.isalpha())[:2]


def _pieces(minor: int, denominations: tuple[int, ...]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for denomination in denominations:
        if minor >= denomination:
            counts[denomination], minor = divmod(minor, denomination)
    return counts
