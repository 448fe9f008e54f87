"""What one central holds while it runs, handed to the endpoints."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from boxoffice.domain.clock import Clock
from central.accounts.access_tokens import AccessTokens
from central.accounts.openid import OpenId
from central.accounts.passwords import Passwords
from central.bookings.houses import Houses
from central.bookings.rules import BookingRules
from central.catalogue.programme import Programme
from central.database import Database
from central.keys import CentralKeys
from central.limiting import Limits
from central.months import turn_months
from central.notifications.settings import NotificationSettings
from central.payments.methods import Methods
from central.settings import Settings
from central.tills.feeds import Snapshots
from central.tills.hints import Hints
from central.waiting.offering import WaitingList


@dataclass(frozen=True, slots=True)
class Services:
    database: Database
    keys: CentralKeys
    hints: Hints
    programme: Programme
    snapshots: Snapshots
    access_tokens: AccessTokens
    passwords: Passwords
    limits: Limits
    openid: OpenId
    payments: Methods
    houses: Houses
    booking_rules: BookingRules
    waiting_list: WaitingList
    now: Clock
    metrics_token: str = ""
    public_url: str = ""
    notifications: NotificationSettings = field(default_factory=NotificationSettings)


def services_of(settings: Settings, hints: Hints) -> AbstractAsyncContextManager[Services]:
    """Open while the context is. Raises Refused at once for settings that cannot be."""
    access_tokens = AccessTokens(settings.keys)
    limits = Limits.at(settings.limits)
    openid = OpenId(settings.providers, settings.environment)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Services]:
        passwords = Passwords()
        try:
            async with (
                Database.open(settings.database, settings.connections, settings.traces) as database,
                hints.running(settings.database, database.pool),
                Methods.open(settings.payments) as payments,
            ):
                await access_tokens.renew(database, settings.now())
                await turn_months(database, settings.now)  # a row that came while its month is made would be refused
                programme = Programme(database)
                houses = Houses(programme)
                yield Services(
                    database=database,
                    keys=settings.keys,
                    hints=hints,
                    programme=programme,
                    snapshots=Snapshots(database),
                    access_tokens=access_tokens,
                    passwords=passwords,
                    limits=limits,
                    openid=openid,
                    payments=payments,
                    houses=houses,
                    booking_rules=settings.booking,
                    waiting_list=WaitingList(database, houses, settings.booking, hints, settings.now),
                    now=settings.now,
                    metrics_token=settings.metrics_token,
                    public_url=settings.public_url,
                    notifications=settings.notifications,
                )
        finally:
            passwords.close()
            await openid.close()

    return opened()


async def _services(request: Request) -> Services:  # not async, it would take a thread for every request
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(_services)]
