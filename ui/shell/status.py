"""What the status bar and the banner say, as words. Quiet when all is well, loud only when someone must act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from boxoffice.services.connection import LinkState, LinkStatus
from ui.formats import Formats, plural
from ui.shell.workspace import Tone, WindowSize

_LISTS_OLD_S = 120
_CLOCK_WRONG_S = 60


def _tr(text: str) -> str:
    return QCoreApplication.translate("Status", text)


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """A printer or a card terminal, in a few words: `Printer ready`."""

    text: str
    is_ready: bool = True


@dataclass(frozen=True, slots=True)
class TillStatus:
    """Everything the bar shows. `shift` is the open shift's number; `left` of `set_aside` places are for tonight."""

    link: LinkStatus
    till_name: str = ""
    printer: DeviceStatus | None = None
    terminal: DeviceStatus | None = None
    shift: int | None = None
    shift_since: datetime | None = None
    left: int = 0
    set_aside: int = 0


@dataclass(frozen=True, slots=True)
class StatusItem:
    icon: str  # empty: a dot in the colour of the tone
    text: str
    tone: Tone | None = None  # None: as quiet as the rest


@dataclass(frozen=True, slots=True)
class BannerWords:
    tone: Tone
    icon: str
    strong: str
    text: str
    action: str = ""


def left_items(status: TillStatus, formats: Formats, size: WindowSize) -> tuple[StatusItem, ...]:
    """Link, facts waiting, printer, terminal; in the narrow window only what is not normal."""
    link = status.link
    items = [_link_item(link, formats)]
    waiting = plural("Status", "{} fact waiting", "{} facts waiting", link.waiting)
    items.append(StatusItem("send", waiting))
    if abs(link.clock_skew_s) > _CLOCK_WRONG_S:
        items.append(StatusItem("clock", _tr("This machine's clock is wrong"), Tone.CAUTION))
    if link.is_online and link.lists_at is not None:
        age = formats.now() - link.lists_at
        if age.total_seconds() > _LISTS_OLD_S:
            items.append(StatusItem("refresh-cw", _tr("Lists {} old").format(formats.duration(age)), Tone.CAUTION))
    for icon, device in (("printer", status.printer), ("credit-card", status.terminal)):
        if device is not None:
            items.append(StatusItem(icon, device.text, None if device.is_ready else Tone.CAUTION))
    if size is WindowSize.NARROW:
        return tuple(
            item for item in items if item.tone not in (None, Tone.SUCCESS) or (item.icon == "send" and link.waiting)
        )
    return tuple(items)


def right_items(status: TillStatus, staff: str, formats: Formats, size: WindowSize) -> tuple[StatusItem, ...]:
    """Till, shift, who; the time is the bar's own."""
    items = []
    if size is WindowSize.WIDE and status.till_name:
        items.append(StatusItem("", status.till_name))
    if status.shift is None or status.shift_since is None:
        items.append(StatusItem("wallet", _tr("No shift open"), Tone.CAUTION if staff else None))
    else:
        since = formats.moment(status.shift_since)
        items.append(StatusItem("wallet", _tr("Shift {} · since {}").format(status.shift, since)))
    items.append(StatusItem("user", staff or _tr("Nobody signed in")))
    if size is WindowSize.NARROW:
        return tuple(item for item in items if item.tone is not None)
    return tuple(items)


def banner_words(status: TillStatus, formats: Formats, size: WindowSize = WindowSize.WIDE) -> BannerWords | None:
    """None while online. The narrow window gets the figures without the sentence around them."""
    link = status.link
    since = formats.moment(link.since)
    if link.state is LinkState.ONLINE:
        return None
    if link.state is LinkState.REVOKED:
        ask = _tr("Nothing new can be sold. Ask a manager to pair it again.")
        kept = plural("Status", "{} fact is kept here.", "{} facts are kept here.", link.waiting)
        return BannerWords(
            Tone.DANGER,
            "shield-alert",
            _tr("This till is no longer known to central."),
            f"{ask} {kept}" if link.waiting else ask,
        )
    if link.state is LinkState.STOPPED:
        return BannerWords(
            Tone.DANGER,
            "shield-alert",
            _tr("Central has stopped this till since {}.").format(since),
            link.message or _tr("Its records and central's differ. Ask a manager to look under Attention."),
        )
    if size is WindowSize.NARROW:
        keep = _tr("{} of {} seats left tonight.").format(status.left, status.set_aside)
    elif status.set_aside:
        keep = _tr("Keep selling: {} of {} seats set aside for this till are left tonight.")
        keep = keep.format(status.left, status.set_aside)
    else:
        keep = _tr("Keep selling what is set aside for this till.")
    if link.message:  # central is there but busy, or something else answers in its place
        keep = f"{link.message} {keep}"
    wait = plural(
        "Status",
        "{} fact waits and will be sent by itself.",
        "{} facts wait and will be sent by themselves.",
        link.waiting,
    )
    if size is WindowSize.NARROW:
        wait = f"{_waiting(link.waiting)}."
    return BannerWords(
        Tone.CAUTION,
        "cloud-off",
        _tr("Offline since {}.").format(since),
        f"{keep} {wait}" if link.waiting else keep,
        _tr("What still works"),
    )


def what_still_works() -> tuple[tuple[str, bool], ...]:
    """What a clerk asks first when the network is gone."""
    return (
        (_tr("Sell the seats set aside for this till, with cash or card"), True),
        (_tr("Print tickets and receipts, reprint, refund what this till sold"), True),
        (_tr("Admit at the door; tickets sold online are checked by their signature"), True),
        (_tr("Open and close shifts, count the drawer"), True),
        (_tr("See what other tills sell, until the network is back"), False),
        (_tr("Sell seats that are not set aside for this till"), False),
    )


def _link_item(link: LinkStatus, formats: Formats) -> StatusItem:
    match link.state:
        case LinkState.ONLINE:
            return StatusItem("", _tr("Online"), Tone.SUCCESS)
        case LinkState.OFFLINE:
            return StatusItem("cloud-off", _tr("Offline since {}").format(formats.moment(link.since)), Tone.CAUTION)
        case LinkState.REVOKED:
            return StatusItem("shield-alert", _tr("Not known to central"), Tone.DANGER)
        case LinkState.STOPPED:
            return StatusItem("shield-alert", _tr("Stopped by central"), Tone.DANGER)


def _waiting(count: int) -> str:
    return plural("Status", "{} fact waits", "{} facts wait", count)
