"""The signed list of keys whose tickets doors accept: every till's, and central's own as issuer 0."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg

from boxoffice.domain.ids import TillNumber
from boxoffice.domain.protocol import KeyBundle, SigningKey
from central.keys import CentralKeys

CENTRAL = TillNumber(0)
_ALWAYS = datetime(2025, 1, 1, tzinfo=UTC)


async def key_bundle(connection: asyncpg.Connection, keys: CentralKeys) -> KeyBundle:
    """Revoked keys stay in it: tickets they signed before keep their worth."""
    rows = await connection.fetch(
        "select till, key_id, public_key, valid_from, revoked_from from till_key order by till, key_id"
    )
    return KeyBundle(
        version=await connection.fetchval("select key_version from server"),
        keys=(
            SigningKey(issuer=CENTRAL, key_id=0, public_key=keys.tickets_public, valid_from=_ALWAYS),
            *(
                SigningKey(
                    issuer=row["till"],
                    key_id=row["key_id"],
                    public_key=row["public_key"],
                    valid_from=row["valid_from"],
                    revoked_from=row["revoked_from"],
                )
                for row in rows
            ),
        ),
    ).signed(keys.root)
