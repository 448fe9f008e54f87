"""Orders on screen: what was found, the order, its timeline."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from boxoffice.domain.ids import SaleId
from boxoffice.domain.money import Money
from boxoffice.domain.refusals import Refused
from boxoffice.services.orders import Event, Order, OrderTicket
from boxoffice.services.programme import Programme
from ui.formats import Formats
from ui.orders.presenter import OrdersPresenter, OrdersState
from ui.shell.workspace import Notice, Notices, Tone, WindowSize
from ui.theme import font, icon_pixmap, theme, theme_source
from ui.widgets import Button, Dialog, Elided, EmptyState, Panel, SearchField, Tag, Text, TextField, rule
from ui.widgets.buttons import PaintedButton
from ui.widgets.painting import box, focus_ring, painter_of

_ICONS = {
    "sold": ("badge-euro", "success"),
    "refunded": ("undo-2", "danger"),
    "issued": ("printer", "ink_2"),
    "admitted": ("door-open", "info"),
    "booked": ("globe", "ink_2"),
}


class OrderRow(PaintedButton):
    """A found order: name, code, what and when."""

    def __init__(self, order: Order, what: str, when: str, parent: QWidget | None = None) -> None:
        super().__init__(order.holder or order.code, parent)
        self._order, self._what, self._when = order, what, when
        refunded = sum(not ticket.valid for ticket in order.tickets)
        self._state = "Refunded" if refunded == len(order.tickets) else "Will-call" if order.will_call else ""
        self.setCheckable(True)
        self.setAccessibleName(f"{order.holder}, order {order.code}, {what}, {when} {self._state}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def sale(self) -> SaleId:
        return self._order.sale

    def sizeHint(self) -> QSize:
        return QSize(240, 76)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        rect = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        if self.isChecked():
            box(painter, rect, colors.accent_soft, None)
        elif self._hovered:
            box(painter, rect, colors.surface_sunken, None)
        if self.hasFocus():
            focus_ring(painter, rect)
        room = rect.width() - 24
        painter.setFont(font("body", 500))
        painter.setPen(colors.q("ink_2"))
        code_width = painter.fontMetrics().horizontalAdvance(self._order.code)
        painter.drawText(QRectF(12, 9, room, 20), Qt.AlignmentFlag.AlignRight, self._order.code)
        painter.setFont(font("body", 600))
        painter.setPen(colors.q("on_accent_soft" if self.isChecked() else "ink"))
        metrics = painter.fontMetrics()
        name = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, int(room - code_width - 12))
        painter.drawText(QRectF(12, 9, room - code_width - 8, 20), Qt.AlignmentFlag.AlignLeft, name)
        painter.setFont(font("body"))
        painter.setPen(colors.q("ink_2"))
        metrics = painter.fontMetrics()
        what = metrics.elidedText(self._what, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(QRectF(12, 29, room, 20), Qt.AlignmentFlag.AlignLeft, what)
        painter.drawText(QRectF(12, 49, room, 20), Qt.AlignmentFlag.AlignLeft, self._when)
        if self._state:
            tone = "danger" if self._state == "Refunded" else "info"
            painter.setFont(font("caption", 600))
            width = painter.fontMetrics().horizontalAdvance(self._state) + 14
            tag = QRectF(12 + room - width, 49, width, 20)
            box(painter, tag, getattr(colors, f"{tone}_soft"), None, 5)
            painter.setPen(colors.q(tone))
            painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, self._state)


class TicketRow(PaintedButton):
    """A ticket of the order; chosen ones are what the actions are about."""

    def __init__(self, ticket: OrderTicket, price: str, parent: QWidget | None = None) -> None:
        super().__init__(ticket.place, parent)
        self._ticket, self._price = ticket, price
        self.setCheckable(True)
        self.setEnabled(ticket.valid)
        self._word, self._tone = (
            ("Refunded", "danger")
            if not ticket.valid
            else ("Admitted", "info")
            if ticket.admitted_at is not None
            else (f"Code {ticket.code}", "neutral")
        )
        self.setAccessibleName(f"{ticket.place}, {ticket.price_type}, {price}, {self._word}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def ticket(self) -> OrderTicket:
        return self._ticket

    def sizeHint(self) -> QSize:
        return QSize(300, 60)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        rect = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        if self.isChecked():
            box(painter, rect, colors.accent_soft, None)
        if self.hasFocus():
            focus_ring(painter, rect)
        seat = theme().seat(self._ticket.category)
        painter.setPen(QPen(QColor(seat.edge), 1))
        painter.setBrush(QColor(seat.fill))
        painter.drawEllipse(QPointF(20, 30), 7, 7)
        painter.setFont(font("strong"))
        painter.setPen(colors.q("ink" if self._ticket.valid else "ink_3"))
        right = rect.width() - 12
        price_width = painter.fontMetrics().horizontalAdvance(self._price)
        painter.drawText(
            QRectF(right - price_width, 0, price_width + 1, 60), Qt.AlignmentFlag.AlignVCenter, self._price
        )
        painter.setFont(font("caption", 600))
        tag_width = painter.fontMetrics().horizontalAdvance(self._word) + 14
        tag = QRectF(right - price_width - 20 - tag_width, 19, tag_width, 22)
        neutral = self._tone == "neutral"
        box(painter, tag, colors.surface_sunken if neutral else getattr(colors, f"{self._tone}_soft"), None, 5)
        painter.setPen(colors.q("ink_2" if neutral else self._tone))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, self._word)
        room = tag.left() - 48
        painter.setFont(font("strong"))
        painter.setPen(colors.q("ink" if self._ticket.valid else "ink_3"))
        place = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, int(room))
        painter.drawText(QRectF(40, 8, room, 24), Qt.AlignmentFlag.AlignVCenter, place)
        painter.setFont(font("body"))
        painter.setPen(colors.q("ink_2"))
        painter.drawText(QRectF(40, 32, room, 20), Qt.AlignmentFlag.AlignVCenter, self._ticket.price_type)


class Timeline(QWidget):
    """Everything that happened, newest first."""

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats, self._events = formats, tuple[Event, ...]()
        theme_source().changed.connect(self.update)

    def show_events(self, events: tuple[Event, ...]) -> None:
        self._events = events
        self.setAccessibleName("; ".join(f"{event.title}, {event.detail}" for event in events))
        self.setMinimumHeight(64 * len(events))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        colors = theme().colors
        for number, happened in enumerate(self._events):
            top = number * 64.0
            if number + 1 < len(self._events):
                painter.setPen(QPen(colors.q("line"), 2))
                painter.drawLine(QPointF(16, top + 34), QPointF(16, top + 64))
            name, tone = _ICONS.get(happened.kind, ("info", "ink_2"))
            soft = {"success": colors.success_soft, "danger": colors.danger_soft, "info": colors.info_soft}
            box(painter, QRectF(0, top, 32, 32), soft.get(tone, colors.surface_sunken), None, 16)
            pixmap = icon_pixmap(name, colors.q(tone), 16, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(8, top + 8), pixmap)
            when = self._formats.moment(happened.at)
            painter.setFont(font("caption"))
            painter.setPen(colors.q("ink_2"))
            width = painter.fontMetrics().horizontalAdvance(when)
            painter.drawText(QRectF(self.width() - width - 2, top, width + 2, 20), Qt.AlignmentFlag.AlignVCenter, when)
            room = self.width() - 44 - width - 12
            painter.setFont(font("body", 600))
            painter.setPen(colors.q("ink"))
            title = painter.fontMetrics().elidedText(happened.title, Qt.TextElideMode.ElideRight, int(room))
            painter.drawText(QRectF(44, top, room, 20), Qt.AlignmentFlag.AlignVCenter, title)
            painter.setFont(font("body"))
            painter.setPen(colors.q("ink_2"))
            metrics = painter.fontMetrics()
            detail = metrics.elidedText(happened.detail, Qt.TextElideMode.ElideRight, self.width() - 48)
            painter.drawText(QRectF(44, top + 20, self.width() - 46, 20), Qt.AlignmentFlag.AlignVCenter, detail)


class OrdersWidget(QWidget):
    """Implements OrdersView."""

    searched = Signal(str)

    def __init__(
        self, presenter: OrdersPresenter, programme: Programme, formats: Formats, notices: Callable[[], Notices]
    ) -> None:
        super().__init__()
        self.setObjectName("background")
        self._presenter, self._programme, self._formats, self._notices = presenter, programme, formats, notices
        self._size = WindowSize.WIDE
        self._shown_results: tuple[Order, ...] = ()
        self._shown_order: Order | None = None
        self.dialog: Dialog | None = None  # the question before a refund
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 12, 12, 12)
        row.setSpacing(12)
        self._left = self._results_panel()
        self._right = QStackedWidget()
        self._empty = EmptyState(
            "receipt-text",
            self.tr("Find an order"),
            self.tr("Scan a ticket, or type a code, a name or a receipt number. The last sales stand on the left."),
        )
        nothing = Panel()
        nothing.body.addWidget(self._empty)
        self._right.addWidget(nothing)
        self._right.addWidget(self._order_panel())
        row.addWidget(self._left)
        row.addWidget(self._right, 1)

    def _results_panel(self) -> Panel:
        panel = Panel(padding=12, spacing=6)
        panel.setFixedWidth(340)
        self.search = SearchField(self.tr("Find an order"))
        self.search.textEdited.connect(self._presenter.search)
        self.search.returnPressed.connect(self._open_first)
        self.search.down_pressed.connect(self._focus_results)
        panel.body.addWidget(self.search)
        hint = self.tr("Scan a ticket, or type a code, name, e-mail or receipt")
        panel.body.addWidget(Text(hint, "caption", "ink_3", wrap=True))
        self._heading = Text("", "caption", "ink_2", weight=600)
        panel.body.addWidget(self._heading)
        self._rows = QWidget()
        self._rows_layout = QVBoxLayout(self._rows)
        self._rows_layout.setContentsMargins(0, 0, 4, 0)
        self._rows_layout.setSpacing(2)
        self._rows_layout.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._rows)
        panel.body.addWidget(scroll, 1)
        foot = QHBoxLayout()
        last = Button(self.tr("Last sales"), "soft", "history")
        last.clicked.connect(self._last_sales)
        self.will_call_button = Button(self.tr("Will-call"), "soft", "inbox")
        self.will_call_button.clicked.connect(self._will_call)
        foot.addWidget(last)
        foot.addWidget(self.will_call_button)
        panel.body.addLayout(foot)
        return panel

    def _order_panel(self) -> Panel:
        panel = Panel(padding=20, spacing=8)
        head = QHBoxLayout()
        self._code = Text("", "page", weight=700)
        self._paid = Tag("")
        head.addWidget(self._code)
        head.addStretch(1)
        head.addWidget(self._paid)
        panel.body.addLayout(head)
        self._holder = Elided("", "strong")
        self._detail = Elided("", "body", "ink_2")
        panel.body.addWidget(self._holder)
        panel.body.addWidget(self._detail)
        panel.body.addWidget(rule())
        self._what = Elided("", "body", weight=600)
        self._when = Text("", "body", "ink_2")
        panel.body.addWidget(self._what)
        panel.body.addWidget(self._when)
        inside = QWidget()
        self._inside = QVBoxLayout(inside)
        self._inside.setContentsMargins(0, 0, 6, 0)
        self._inside.setSpacing(4)
        self._tickets = QVBoxLayout()
        self._tickets.setSpacing(2)
        self._inside.addLayout(self._tickets)
        actions = QHBoxLayout()
        self.reprint_button = Button(self.tr("Reprint"), icon="printer", key="Ctrl R", height=56)
        self.refund_button = Button(self.tr("Refund"), "danger", "undo-2", "Ctrl E", 56)
        self.copy_button = Button(self.tr("Receipt copy"), icon="receipt-text", height=56)
        self.reprint_button.clicked.connect(self._presenter.reprint)
        self.refund_button.clicked.connect(self._presenter.ask_refund)
        self.copy_button.clicked.connect(self._presenter.print_copy)
        for button in (self.reprint_button, self.copy_button, self.refund_button):
            actions.addWidget(button)
        self._inside.addSpacing(8)
        self._inside.addLayout(actions)
        self._inside.addSpacing(12)
        self._inside.addWidget(rule())
        self._inside.addWidget(Text(self.tr("Everything that happened"), "strong"))
        self._inside.addSpacing(6)
        self._timeline = Timeline(self._formats)
        self._inside.addWidget(self._timeline)
        self._inside.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        panel.body.addWidget(scroll, 1)
        return panel

    # OrdersView

    def show_state(self, state: OrdersState) -> None:
        self._heading.setText(state.heading)
        if state.results != self._shown_results:
            self._show_results(state.results)
        for row in self._result_rows():
            row.setChecked(state.order is not None and row.sale == state.order.sale)
        if state.order is None:
            self._right.setCurrentIndex(0)
            return
        self._right.setCurrentIndex(1)
        if state.order != self._shown_order:
            self._show_order(state.order)
        for line in self._ticket_rows():
            line.setChecked(line.isEnabled() and line.ticket.ticket in state.chosen and len(state.order.tickets) > 1)
        busy = state.is_busy or not state.chosen
        for button in (self.reprint_button, self.refund_button):
            button.setEnabled(not busy)

    def show_refusal(self, error: Refused) -> None:
        self._notices().show_refusal(error)

    def say_done(self, what: str, text: str) -> None:
        self._notices().say(Notice(Tone.SUCCESS, what, text, stays="Give back" in what))

    def ask_refund(self, amount: Money, tickets: int, order: Order, by_card: bool) -> None:
        money = self._formats.money(amount)
        reason = TextField(self.tr("Reason"), self.tr("Ill, wrong evening, ..."))
        how = self.tr("to the card") if by_card else self.tr("in cash")
        words = self.tr("{} of order {} stop working and the seats go back on sale. This cannot be undone.")
        count = self.tr("One ticket") if tickets == 1 else self.tr("{} tickets").format(tickets)
        dialog = Dialog(
            self,
            self.tr("Refund {} {}?").format(money, how),
            words.format(count, order.code),
            self.tr("Refund"),
            self.tr("Keep the order"),
            extra=reason,
        )
        reason.field.setText(self.tr("Customer's wish"))
        dialog.confirmed.connect(lambda: self._presenter.refund(reason.text()))
        dialog.ask()
        self.dialog = dialog

    def set_size(self, size: WindowSize) -> None:
        self._size = size
        self._left.setFixedWidth(340 if size is WindowSize.WIDE else 300)

    def focus_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    # details

    def _show_results(self, results: tuple[Order, ...]) -> None:
        self._shown_results = results
        for row in self._result_rows():
            self._rows_layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        for number, order in enumerate(results):
            count = len(order.tickets)
            tickets = self.tr("1 ticket") if count == 1 else self.tr("{} tickets").format(count)
            title, when = self._performance_words(order)
            row = OrderRow(order, f"{tickets} · {title}", when, self._rows)
            row.clicked.connect(lambda _=False, sale=order.sale: self._presenter.open(sale))
            self._rows_layout.insertWidget(number, row)

    def _show_order(self, order: Order) -> None:
        self._shown_order = order
        self._code.setText(order.code)
        self._holder.setText(order.holder or self.tr("No name"))
        parts = [order.email, self.tr("receipt {}").format(order.receipt) if order.receipt else "", order.channel]
        self._detail.setText(" · ".join(part for part in parts if part))
        refunded = sum(not ticket.valid for ticket in order.tickets)
        if refunded == len(order.tickets):
            self._paid.set(self.tr("Refunded"), "danger", "x")
        elif refunded:
            self._paid.set(self.tr("Part refunded"), "caution", "undo-2")
        else:
            self._paid.set(self.tr("Paid {}").format(self._formats.money(order.total)), "success", "check")
        title, when = self._performance_words(order)
        self._what.setText(title)
        self._when.setText(when)
        self.reprint_button.setText(self.tr("Reprint") if order.own else self.tr("Print"))
        self.refund_button.setVisible(order.own)
        self.copy_button.setVisible(order.own)
        for row in self._ticket_rows():
            self._tickets.removeWidget(row)
            row.hide()
            row.deleteLater()
        for ticket in order.tickets:
            row = TicketRow(ticket, self._formats.money(ticket.price))
            row.clicked.connect(lambda _=False, ticket=ticket.ticket: self._presenter.toggle(ticket))
            self._tickets.addWidget(row)
        self._timeline.show_events(order.timeline)

    def _performance_words(self, order: Order) -> tuple[str, str]:
        catalogue = self._programme.catalogue()  # kept in memory: no waiting here
        performance = catalogue.performance(order.performance)
        title = catalogue.production(performance.production_id).title
        return title, f"{self._formats.day_and_time(performance.starts_at)} · {performance.hall}"

    def _result_rows(self) -> list[OrderRow]:
        return [row for row in self._rows.findChildren(OrderRow) if not row.isHidden()]

    def _ticket_rows(self) -> list[TicketRow]:
        items = (self._tickets.itemAt(index) for index in range(self._tickets.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, TicketRow)]

    def _open_first(self) -> None:
        rows = self._result_rows()
        if rows:
            self._presenter.open(rows[0].sale)

    def _focus_results(self) -> None:
        rows = self._result_rows()
        if rows:
            rows[0].setFocus()

    def _last_sales(self) -> None:
        self.search.clear()
        self._presenter.last_sales()

    def _will_call(self) -> None:
        self.search.clear()
        self._presenter.will_call()
