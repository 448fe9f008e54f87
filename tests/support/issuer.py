"""OpenID Connect issuers for tests: a real one in a process of its own, and one that can be told to misbehave."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.support.loopback import served


@contextmanager
def real_issuer(users: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The URL of an oidc-provider-mock with these users and their claims."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    claims = [f"--user-claims={json.dumps({'sub': subject, **about})}" for subject, about in users.items()]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "-n", "true", *claims]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"{url}/.well-known/openid-configuration", verify=False).raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class Issuer:
    """Answers as it is told to. `claims` go over those of an honest ID token; None takes one away."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    published: RSAKey | None = None  # another than it signs with
    algorithm: str = "RS256"
    configuration: dict[str, Any] = field(default_factory=dict)
    token_answer: Response | None = None
    asked: dict[str, str] = field(default_factory=dict)  # of the authorisation request
    challenges: dict[str, str] = field(default_factory=dict)  # by code
    token_requests: list[dict[str, str]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def code(self, location: str) -> str:
        """What the person's browser would bring back, having said yes."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = secrets.token_urlsafe(8)
        self.challenges[code] = self.asked["code_challenge"]
        return code

    def id_token(self) -> str:
        now = int(time.time())
        honest = {
            "iss": self.url,
            "sub": "ada",
            "aud": "us",
            "iat": now,
            "exp": now + 60,
            "nonce": self.asked["nonce"],
            "email": "ada@example.org",
            "email_verified": True,
            "name": "Ada Byron",
        }
        claims = {name: value for name, value in (honest | self.claims).items() if value is not None}
        if self.algorithm == "none":
            parts = [{"alg": "none"}, claims]
            return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + "."
        return jwt.encode({"alg": self.algorithm, "kid": self.key.kid}, claims, self.key)


@contextmanager
def misbehaving_issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    async def configuration() -> dict[str, Any]:
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return {"issuer": issuer.url} | {n: issuer.url + path for n, path in ends.items()} | issuer.configuration

    @app.get("/keys")
    async def keys() -> dict[str, Any]:
        return {"keys": [(issuer.published or issuer.key).as_dict(private=False)]}

    @app.post("/token")
    async def token(request: Request) -> Response:
        asked = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        issuer.token_requests.append(asked)
        issuer.secrets.append(request.headers.get("authorization", ""))
        if issuer.token_answer is not None:
            return issuer.token_answer
        challenge = issuer.challenges.pop(asked.get("code", ""), None)
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        if challenge is None or challenge != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "opaque", "token_type": "Bearer", "id_token": issuer.id_token()})

    with served(app) as url:
        issuer.url = url
        yield issuer
