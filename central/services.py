"""What one central holds while it runs, handed to the endpoints."""

from __future__ import annotations

from dataclasses import dataclass
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
from central.payments.methods import Methods
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


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(_services)]
