"""Sign in by PIN, without the network. Five wrong PINs for a name, then a wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from boxoffice.domain.clock import Clock
from boxoffice.domain.ids import StaffId
from boxoffice.domain.staff import WAIT_AFTER_WRONG_PINS, WRONG_PINS_ALLOWED, PinLocked, StaffMember, WrongPin
from boxoffice.services.programme import Programme
from boxoffice.store import Store, Tx


class SigningIn:
    """Wrong PINs are counted in the store, so that a restart does not forget them."""

    def __init__(self, store: Store, programme: Programme, now: Clock) -> None:
        self._store, self._programme, self._now = store, programme, now
        self._hasher = PasswordHasher()
        self._one_at_a_time = Lock()  # a second guess may not start before the first is counted

    def staff(self) -> tuple[StaffMember, ...]:
        return self._programme.catalogue().staff

    def sign_in(self, staff_id: StaffId, pin: str) -> StaffMember:
        """Raises WrongPin or PinLocked."""
        with self._one_at_a_time:
            member = next(member for member in self.staff() if member.id == staff_id)
            now = self._now()
            wrong, last = self._store.read(lambda tx: _wrong_pins(tx, staff_id))
            if wrong >= WRONG_PINS_ALLOWED and last is not None:
                waited = now - last
                if waited < timedelta(0):  # the clock was set back: neither open early nor stay shut for ever
                    waited = timedelta(0)
                    self._store.write(lambda tx: tx.settings.set(_key(staff_id), f"{wrong} {now.isoformat()}"))
                if waited < WAIT_AFTER_WRONG_PINS:
                    raise PinLocked(int((WAIT_AFTER_WRONG_PINS - waited).total_seconds()) or 1)
                wrong = 0
            try:
                self._hasher.verify(member.pin_hash, pin)
            except (VerificationError, InvalidHashError):
                wrong += 1
                self._store.write(lambda tx: tx.settings.set(_key(staff_id), f"{wrong} {now.isoformat()}"))
                if wrong >= WRONG_PINS_ALLOWED:
                    raise PinLocked(int(WAIT_AFTER_WRONG_PINS.total_seconds())) from None
                left = WRONG_PINS_ALLOWED - wrong
                raise WrongPin(
                    f"That is not the PIN of {member.name}.",
                    f"Try again: {left} {'try' if left == 1 else 'tries'} left.",
                ) from None
            if wrong or last is not None:
                self._store.write(lambda tx: tx.settings.set(_key(staff_id), ""))
            return member


def _key(staff_id: StaffId) -> str:
    return f"wrong_pins:{staff_id}"


def _wrong_pins(tx: Tx, staff_id: StaffId) -> tuple[int, datetime | None]:
    text = tx.settings.get(_key(staff_id)) or ""
    count, _, at = text.partition(" ")
    return (int(count), datetime.fromisoformat(at)) if at else (0, None)
