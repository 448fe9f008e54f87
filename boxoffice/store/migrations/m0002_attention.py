"""What waits for a person is found without a look at every fact."""

from __future__ import annotations

STATEMENTS: tuple[str, ...] = (
    "CREATE INDEX acknowledgement_open ON acknowledgement (position) WHERE outcome IN ('conflict', 'parked')",
)
