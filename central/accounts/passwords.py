"""Passwords: what one may be, and argon2id on threads of its own.

Hashing takes 30 ms of a core and 19 MiB, so no more run at once than there are cores, and a queue that has grown too
long is refused with 503: whoever waits for seconds has given up, and the next one should not pay for it.
"""

from __future__ import annotations

import asyncio
import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from central.problems import Declined

T = TypeVar("T")
LEAST, MOST = 8, 200
_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1  # OWASP's second choice for argon2id
_WAITING_A_CORE = 16  # half a second


class Passwords:
    def __init__(self, cores: int | None = None, waiting_a_core: int = _WAITING_A_CORE) -> None:
        cores = cores or os.cpu_count() or 1
        self._hasher = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
        self._threads = ThreadPoolExecutor(cores, "argon2")
        self._most = cores * (1 + waiting_a_core)
        self._in_hand = 0
        self._nobodys = self._hasher.hash(os.urandom(16).hex())

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """Raises Declined, 503 `busy`."""
        return await self._run(lambda: self._hasher.hash(normal(password)))

    async def matches(self, password: str, stored: str) -> bool:
        """`stored` empty: there is no password, and finding that out takes as long. Raises Declined, 503 `busy`."""

        def verify() -> bool:
            try:
                return self._hasher.verify(stored or self._nobodys, normal(password)) and bool(stored)
            except (VerificationError, InvalidHashError):
                return False

        return await self._run(verify)

    def is_dated(self, stored: str) -> bool:
        """Made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._in_hand >= self._most:
            raise Declined(
                *(HTTPStatus.SERVICE_UNAVAILABLE, "busy", "Too many people are signing in at this moment."),
                "Try again in a few seconds.",
                headers={"Retry-After": "3"},
            )
        self._in_hand += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._in_hand -= 1


def normal(password: str) -> str:
    """NFC: the same letters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFC", password)


def check_rules(password: str, email: str, field: str = "password") -> None:
    """Raises Declined, 422 `weak_password`."""
    wrong = ""
    if not LEAST <= len(normal(password)) <= MOST:
        wrong = f"A password has {LEAST} to {MOST} characters."
    elif normal(password).casefold() in (email.casefold(), email.casefold().partition("@")[0]):
        wrong = "The password is the e-mail address."
    if wrong:
        raise Declined(
            HTTPStatus.UNPROCESSABLE_ENTITY, "weak_password", wrong, "A few random words make a good one.", field=field
        )
