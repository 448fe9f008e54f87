"""How amounts, days and times are written: by the locale of the clerk, in the time zone of the venue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import dates, numbers
from babel.lists import format_list
from babel.numbers import get_currency_symbol
from PySide6.QtCore import QCoreApplication

from boxoffice.domain.clock import Clock, utc_now
from boxoffice.domain.money import Money

# Babel reads its pattern again for each call, and a list of performances asks for the same few hundred all evening.
format_date = lru_cache(maxsize=2048)(dates.format_date)
format_time = lru_cache(maxsize=2048)(dates.format_time)
format_currency = lru_cache(maxsize=4096)(numbers.format_currency)
format_decimal = lru_cache(maxsize=4096)(numbers.format_decimal)

_EVENING_HOUR = 17
_NIGHT_ENDS_HOUR = 4  # what starts after midnight still belongs to the evening before


def _tr(text: str, n: int = -1) -> str:
    return QCoreApplication.translate("Formats", text, None, n)


@dataclass(frozen=True, slots=True)
class Formats:
    """`locale` as Babel names it. Instants are aware; days are the venue's."""

    zone: ZoneInfo | None = None
    locale: str = "en_GB"
    now: Clock = utc_now

    def at(self, timezone: str) -> Formats:
        """The same for a venue's IANA time zone."""
        return replace(self, zone=ZoneInfo(timezone))

    # money

    def money(self, amount: Money) -> str:
        """`€86.00`; a negative amount carries a real minus sign."""
        text = format_currency(_decimal(abs(amount.minor), amount.digits), amount.currency, locale=self.locale)
        return f"−{text}" if amount.minor < 0 else text

    def minor(self, minor: int, currency: str) -> str:
        return self.money(Money(minor, currency))

    def whole_money(self, amount: Money) -> str:
        """`€252` where nothing is lost by it, else as `money`: for filters and quick amounts."""
        if amount.minor % 10**amount.digits:
            return self.money(amount)
        return format_currency(
            _decimal(amount.minor, amount.digits),
            amount.currency,
            locale=self.locale,
            currency_digits=False,
            decimal_quantization=True,
            format=_without_decimals(self.locale),
        )

    def currency_symbol(self, currency: str) -> str:
        return get_currency_symbol(currency, locale=self.locale)

    def plain_amount(self, amount: Money) -> str:
        """`300.00`, as an amount is typed, without its sign."""
        pattern = "#,##0" + ("." + "0" * amount.digits if amount.digits else "")
        return format_decimal(_decimal(amount.minor, amount.digits), format=pattern, locale=self.locale)

    def piece(self, minor: int, currency: str) -> str:
        """A note or coin: `€20`, `50 c`."""
        digits = Money(0, currency).digits
        if digits and minor < 10**digits:
            return f"{minor} c"
        return self.whole_money(Money(minor, currency))

    def number(self, value: int) -> str:
        return format_decimal(value, locale=self.locale)

    def percent(self, basis_points: int) -> str:
        """`7 %`, `7.5 %`."""
        return f"{format_decimal(Decimal(basis_points) / 100, locale=self.locale)}\N{NO-BREAK SPACE}%"

    # days and times

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone)

    def today(self) -> date:
        return self.local(self.now()).date()

    def time(self, instant: datetime) -> str:
        """`19:30`."""
        return format_time(self.local(instant).time(), "short", locale=self.locale)

    def evening(self, instant: datetime) -> date:
        """The day an instant belongs to at a venue: 01:00 is still the evening before."""
        local = self.local(instant)
        return (local - timedelta(days=1)).date() if local.hour < _NIGHT_ENDS_HOUR else local.date()

    def day(self, instant: datetime) -> str:
        """`Tonight`, `Today`, `Tomorrow`, else `Sat 14 Nov`."""
        distance = (self.evening(instant) - self.evening(self.now())).days
        if distance == 0:
            hour = self.local(instant).hour
            return _tr("Tonight") if hour >= _EVENING_HOUR or hour < _NIGHT_ENDS_HOUR else _tr("Today")
        if distance == 1:
            return _tr("Tomorrow")
        return self.date(instant)

    def date(self, instant: datetime) -> str:
        """`Sat 14 Nov`, with the year when it is another one."""
        day = self.evening(instant)
        pattern = "EEE d MMM" if day.year == self.today().year else "EEE d MMM y"
        return format_date(day, pattern, locale=self.locale)

    def short_day(self, instant: datetime) -> str:
        """`Tue 17`; `3 Dec` when it is more than three weeks away and the weekday would mislead."""
        day = self.evening(instant)
        far = (day - self.today()).days > 20
        return format_date(day, "d MMM" if far else "EEE d", locale=self.locale)

    def weekday(self, instant: datetime) -> str:
        """`Saturday`."""
        return format_date(self.evening(instant), "EEEE", locale=self.locale)

    def long_date(self, instant: datetime) -> str:
        """`Saturday 14 November`."""
        return format_date(self.evening(instant), "EEEE d MMMM", locale=self.locale)

    def day_and_time(self, instant: datetime) -> str:
        """`Tonight 19:30`."""
        return f"{self.day(instant)} {self.time(instant)}"

    def moment(self, instant: datetime) -> str:
        """`19:30` today, `Sat 14 Nov 19:30` on another day: for logs and histories."""
        if self.local(instant).date() == self.today():
            return self.time(instant)
        return f"{format_date(self.local(instant).date(), 'EEE d MMM', locale=self.locale)} {self.time(instant)}"

    def duration(self, length: timedelta) -> str:
        """`45 s`, `12 min`, `1 h 25 min`, `3 days`."""
        seconds = max(0, int(length.total_seconds()))
        if seconds < 60:
            return _tr("{} s").format(seconds)
        minutes = seconds // 60
        if minutes < 60:
            return _tr("{} min").format(minutes)
        hours, rest = divmod(minutes, 60)
        if hours >= 48:
            return _tr("{} days").format(hours // 24)
        return _tr("{} h {} min").format(hours, rest) if rest else _tr("{} h").format(hours)

    def ago(self, instant: datetime) -> str:
        """`just now`, `12 min ago`."""
        length = self.now() - instant
        if length < timedelta(minutes=1):
            return _tr("just now")
        return _tr("{} ago").format(self.duration(length))

    # words

    def join(self, words: Sequence[str]) -> str:
        """`A, B and C`."""
        return format_list(list(words), locale=self.locale)


def plural(context: str, one: str, many: str, n: int) -> str:
    """`1 ticket`, `3 tickets`: `{}` is the number. Both words are translated in `context`."""
    text = one if n == 1 else many
    return QCoreApplication.translate(context, text, None, n).format(n)


def _decimal(minor: int, digits: int) -> Decimal:
    return Decimal(minor).scaleb(-digits)


def _without_decimals(locale: str) -> str:
    symbol_first = format_currency(1, "EUR", locale=locale).startswith("€")
    return "¤#,##0" if symbol_first else "#,##0\N{NO-BREAK SPACE}¤"
