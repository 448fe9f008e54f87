"""What a webhook is signed with, so that whoever gets it knows that it is ours, and of now.

    Boxoffice-Signature: t=1763121600,v1=<HMAC-SHA256 of "1763121600.<body>" in hex>

The secret grows from central's key: it is shown once, and in no database.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from uuid import UUID

from central.keys import CentralKeys

HEADER = "Boxoffice-Signature"
_PREFIX = "whsec_"


def secret(keys: CentralKeys, hook: UUID) -> str:
    return _PREFIX + keys.secret(f"webhook {hook}").hex()


def signature(hook_secret: str, body: bytes, at: datetime) -> str:
    stamp = int(at.timestamp())
    digest = hmac.new(hook_secret.encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"
