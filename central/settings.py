"""What a node of central is told when it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from boxoffice.domain.clock import Clock, utc_now
from central.accounts.openid import Provider
from central.bookings.rules import BookingRules
from central.counting import MEMORY
from central.keys import CentralKeys
from central.notifications.settings import NotificationSettings
from central.payments.settings import PaymentSettings
from central.tracing import Traces


@dataclass(frozen=True, slots=True)
class Settings:
    """`database` is a PostgreSQL URL whose schema is migrated."""

    database: str
    keys: CentralKeys
    now: Clock = field(default=utc_now)
    connections: int = 10
    metrics_token: str = ""
    booking: BookingRules = field(default_factory=BookingRules)
    limits: str = MEMORY  # where rate limits are counted, or OFF
    trust_proxy: bool = False  # a proxy of ours is in front: it says where requests come from
    public_url: str = ""  # how browsers reach us, without a slash at the end
    providers: Sequence[Provider] = ()  # through whom one may sign in
    environment: Mapping[str, str] = field(default_factory=dict)  # where their secrets are
    payments: PaymentSettings = field(default_factory=PaymentSettings)
    traces: Traces | None = None
    notifications: NotificationSettings = field(default_factory=NotificationSettings)
    watch_every_s: float = 60.0  # for anomalies
    settle_every_s: float = 30.0  # orders in conflict
