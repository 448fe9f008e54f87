"""OpenID Connect as a relying party: authorisation code flow with PKCE, any issuer that publishes its configuration.

The state, the nonce and the PKCE verifier of one attempt live in a signed cookie of the browser that began it, for ten
minutes; no node has to remember them, and no other browser can finish what this one began.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

import httpx
import jwt
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt as id_tokens
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from boxoffice.domain.refusals import Refused
from central.problems import Declined

VARIABLE = "BOXOFFICE_OIDC"
ATTEMPT_GOOD_FOR = timedelta(minutes=10)
_CONFIGURATION_KEPT_S = 3600
_KEYS_KEPT_S = 60  # how soon an unknown key makes us look again
_LEEWAY_S = 60
_TIMEOUT_S = 5.0
_NO_IDLE_LINES = httpx.Limits(max_keepalive_connections=0)  # asked now and then: the other end has hung up by then
_MOST_BYTES = 256 * 1024
# signatures that a public key checks; `none` and HMAC are not among them
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_log = structlog.get_logger("central")


class BadProviders(Refused):
    code = "bad_providers"


class Provider(BaseModel):
    """One entry of BOXOFFICE_OIDC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, Field(pattern="^[a-z0-9-]{1,32}$")]  # part of our own addresses
    name: Annotated[str, Field(min_length=1, max_length=50)]
    issuer: Annotated[str, Field(max_length=500)]
    client_id: Annotated[str, Field(alias="clientId", min_length=1, max_length=500)]
    secret_from: Annotated[str, Field(alias="secretFrom", pattern="^[A-Z0-9_]*$")] = ""  # environment variable
    auth: Literal["basic", "post"] = "basic"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody left for the provider and is to come back with this `state`."""

    provider: str
    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls, provider: str) -> Attempt:
        return cls(provider, *(secrets.token_urlsafe(32) for _ in range(3)))

    def sealed(self, key: bytes, now: datetime) -> str:
        body = {
            "p": self.provider,
            "s": self.state,
            "n": self.nonce,
            "v": self.verifier,
            "until": int((now + ATTEMPT_GOOD_FOR).timestamp()),
        }
        return jwt.encode(body, key, "HS256")

    @classmethod
    def unsealed(cls, cookie: str, key: bytes, now: datetime) -> Attempt | None:
        try:
            body = jwt.decode(cookie, key, ["HS256"])
        except jwt.InvalidTokenError:
            return None
        if now.timestamp() >= body["until"]:
            return None
        return cls(body["p"], body["s"], body["n"], body["v"])

    def is_answered_by(self, provider: str, state: str) -> bool:
        return self.provider == provider and hmac.compare_digest(self.state.encode(), state.encode())


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a provider vouches for. `email` only if it says that it verified it."""

    issuer: str
    subject: str
    email: str
    name: str


class _Configuration(BaseModel):
    """What we need of OpenID Connect Discovery 1.0."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Kept:
    """What is known of one issuer, and since when."""

    def __init__(self, configuration: _Configuration) -> None:
        self.configuration, self.since = configuration, monotonic()
        self.keys: KeySet | None = None
        self.keys_since = 0.0


class OpenId:
    def __init__(self, providers: Sequence[Provider], environment: Mapping[str, str]) -> None:
        self.providers = {provider.key: provider for provider in providers}
        self._secrets = {provider.key: environment.get(provider.secret_from, "") for provider in providers}
        self._http = httpx.AsyncClient(timeout=_TIMEOUT_S, limits=_NO_IDLE_LINES) if providers else None
        self._kept: dict[str, _Kept] = {}

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def address(self, provider: Provider, attempt: Attempt, redirect_uri: str) -> str:
        """Where to send the browser. Raises Declined, 502 `provider_failed`."""
        configuration = (await self._known(provider)).configuration
        url: str = prepare_grant_uri(
            configuration.authorization_endpoint,
            provider.client_id,
            "code",
            redirect_uri,
            "openid email profile",
            attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return url

    async def person(self, provider: Provider, attempt: Attempt, code: str, redirect_uri: str, now: datetime) -> Person:
        """Trade the code for an ID token and check it. Raises Declined: 401 `login_refused`, 502 `provider_failed`."""
        known = await self._known(provider)
        secret = self._secrets[provider.key]
        body: dict[str, str] = {"code": code, "code_verifier": attempt.verifier}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        auth = None
        if secret and provider.auth == "basic":  # RFC 6749, 2.3.1: both are form-encoded first
            auth = httpx.BasicAuth(quote(provider.client_id, safe=""), quote(secret, safe=""))
        else:
            body |= {"client_id": provider.client_id} | ({"client_secret": secret} if secret else {})
        answer = await self._json(
            provider,
            "POST",
            known.configuration.token_endpoint,
            content=prepare_token_request("authorization_code", "", redirect_uri, **body),
            headers=headers,
            auth=auth,
        )
        token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(token, str):
            _log.info("sign-in refused by provider", provider=provider.key, error=str(answer.get("error"))[:100])
            raise _refused()
        return await self._checked(provider, known, attempt, token, access_token, now)

    async def _checked(
        self, provider: Provider, known: _Kept, attempt: Attempt, token: str, access_token: object, now: datetime
    ) -> Person:
        """OpenID Connect Core 1.0, 3.1.3.7."""
        try:
            decoded = id_tokens.decode(token, await self._keys(provider, known, token), algorithms=_ALGORITHMS)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": provider.issuer},
                    "aud": {"essential": True, "value": provider.client_id},
                    "sub": {"essential": True},
                },
                {"client_id": provider.client_id, "nonce": attempt.nonce, "access_token": access_token},
            )
            claims.validate(now.timestamp(), _LEEWAY_S)
        except (JoseError, jwt.InvalidTokenError, ValueError, TypeError, KeyError) as error:
            _log.warning("ID token refused", provider=provider.key, error=type(error).__name__)
            raise _refused() from None
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise _refused()
        is_verified = claims.get("email_verified") in (True, "true")  # some send it as text
        email, name = claims.get("email"), claims.get("name")
        return Person(
            issuer=provider.issuer,
            subject=subject,
            email=email if is_verified and isinstance(email, str) else "",
            name=name if isinstance(name, str) else "",
        )

    async def _known(self, provider: Provider) -> _Kept:
        kept = self._kept.get(provider.key)
        if kept is None or monotonic() - kept.since > _CONFIGURATION_KEPT_S:
            url = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
            try:
                found = _Configuration.model_validate(await self._json(provider, "GET", url))
            except ValidationError as error:
                raise _failed(provider, error) from None
            ends = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
            if found.issuer != provider.issuer or not all(map(_is_private_line, ends)):
                raise _failed(provider, ValueError("its configuration is not its own"))
            kept = self._kept[provider.key] = _Kept(found)
        return kept

    async def _keys(self, provider: Provider, known: _Kept, token: str) -> KeySet:
        """Looked up again when the token was signed with one that is not known, once a minute at most."""
        header = jwt.get_unverified_header(token) if token.count(".") == 2 else {}
        kid = header.get("kid")
        known_kids = {key.kid for key in known.keys.keys} if known.keys else set()
        if known.keys is None or (kid not in known_kids and monotonic() - known.keys_since > _KEYS_KEPT_S):
            document: Any = await self._json(provider, "GET", known.configuration.jwks_uri)
            known.keys, known.keys_since = KeySet.import_key_set(document), monotonic()
        return known.keys

    async def _json(self, provider: Provider, method: str, url: str, **rest: Any) -> dict[str, Any]:
        assert self._http is not None
        try:
            answer = await self._http.request(method, url, **rest)
            if answer.status_code >= 500 or len(answer.content) > _MOST_BYTES:
                raise ValueError(f"status {answer.status_code}, {len(answer.content)} bytes")
            document = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _failed(provider, error) from None
        if not isinstance(document, dict):
            raise _failed(provider, ValueError("not a JSON object"))
        return document


def providers_from(environment: Mapping[str, str]) -> tuple[Provider, ...]:
    """BOXOFFICE_OIDC: a JSON list, or the path of a file with one. Raises BadProviders."""
    given = environment.get(VARIABLE, "").strip()
    if not given:
        return ()
    way_out = 'Give a list such as [{"key": "club", "name": "The Club", "issuer": "https://...", "clientId": "..."}].'
    try:
        text = given if given.startswith("[") else Path(given).read_text(encoding="utf-8")
        found = TypeAdapter(tuple[Provider, ...]).validate_python(json.loads(text))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadProviders(f"{VARIABLE}: {where}: {first['msg']}.", way_out) from None
    except ValueError as error:
        raise BadProviders(f"{VARIABLE} is not JSON: {error}.", way_out) from None
    for provider in found:
        if not _is_private_line(provider.issuer):
            raise BadProviders(f"{VARIABLE}: the issuer of {provider.key} is not an https:// address.", way_out)
        if provider.secret_from and not environment.get(provider.secret_from):
            raise BadProviders(f"{provider.secret_from} is not set.", f"It is to hold the secret of {provider.key}.")
    if len({provider.key for provider in found}) < len(found):
        raise BadProviders(f"{VARIABLE}: a key is there twice.", way_out)
    return found


def _is_private_line(url: str) -> bool:
    """https, or http within this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return True
    try:
        return parts.scheme == "http" and ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _refused() -> Declined:
    return Declined(
        *(HTTPStatus.UNAUTHORIZED, "login_refused", "The other side did not say who you are."), "Begin again."
    )


def _failed(provider: Provider, error: Exception) -> Declined:
    _log.warning("provider failed", provider=provider.key, error=repr(error)[:300])
    return Declined(
        *(HTTPStatus.BAD_GATEWAY, "provider_failed", f"{provider.name} does not answer as it should."),
        "Try again in a moment, or sign in with a password.",
    )
