from __future__ import annotations

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from central.upkeep import repeating


class _Work:
    """Fails as it is told, then works."""

    def __init__(self, *failures: Exception) -> None:
        self._failures: Iterator[Exception] = iter(failures)
        self.times = 0
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()  # the first time that it works

    async def __call__(self) -> None:
        self.times += 1
        for failure in self._failures:
            raise failure
        if not self.done.done():
            self.done.set_result(self.times)


@pytest.mark.parametrize(
    "failures", [(), (asyncpg.InterfaceError("away"), OSError("cut")), (ZeroDivisionError("a bug"),)]
)
def test_what_fails_once_is_done_the_next_time(failures: tuple[Exception, ...]) -> None:
    async def go() -> int:
        work = _Work(*failures)
        async with repeating("work", work, 0):
            first = await asyncio.wait_for(work.done, 10)
        times = work.times
        await asyncio.sleep(0)
        assert work.times == times  # it has ended with the block
        return first

    assert asyncio.run(go()) == len(failures) + 1


def test_it_may_wait_before_the_first_time() -> None:
    async def go() -> int:
        work = _Work()
        async with repeating("work", work, 3600, at_once=False):
            await asyncio.sleep(0)
        return work.times

    assert asyncio.run(go()) == 0
