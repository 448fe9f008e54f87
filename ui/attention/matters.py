"""What a person reads about a fact that central could not take as it is."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from boxoffice.domain.facts import FactKind
from boxoffice.domain.protocol import FactOutcome
from boxoffice.services.attention import Matter
from ui.formats import Formats


def _tr(text: str) -> str:
    return QCoreApplication.translate("Attention", text)


@dataclass(frozen=True, slots=True)
class MatterRows:
    """One card of the list. `said` is central's own reason; `raw` the whole fact, for whoever helps from afar."""

    title: str
    amount: str
    text: str
    said: str
    where: str
    order_code: str
    raw: str


def matter_rows(matter: Matter, formats: Formats) -> MatterRows:
    title, text = _words(matter)
    where = [
        formats.moment(matter.at),
        _tr("order {}").format(matter.order_code) if matter.order_code else "",
        matter.customer,
    ]
    return MatterRows(
        title=title,
        amount=formats.money(matter.amount) if matter.amount is not None else "",
        text=text,
        said=_tr("Central says: {}").format(matter.reason) if matter.reason else _tr("Central gave no reason."),
        where=" · ".join(part for part in where if part),
        order_code=matter.order_code,
        raw=matter.raw,
    )


def _words(matter: Matter) -> tuple[str, str]:
    match matter.kind, matter.outcome:
        case FactKind.SALE, FactOutcome.CONFLICT:
            return (
                _tr("A seat of this sale belongs to somebody else"),
                _tr("The money is booked. Find these customers other seats, or refund the ticket in its order."),
            )
        case FactKind.SALE, _:
            return (
                _tr("A sale that central could not book"),
                _tr("The customer has paid and has tickets. A door that is online may not know them: let them in."),
            )
        case FactKind.REFUND, _:
            return (
                _tr("A refund that central could not book"),
                _tr("The money went back. The seats may still count as sold: look at the order."),
            )
        case _:
            return (
                _tr("{} to look at").format(matter.kind.replace("_", " ").capitalize()),
                _tr("It is kept as it is, and nothing of it is lost. A manager looks at it with whoever runs central."),
            )
