"""What PayPal says a request and an answer look like: its own OpenAPI documents, or a small hand-written copy of what
matters of them where a checkout has no ../shared/data/paypal. Requests may hold only what is described.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "paypal"
_DOCUMENTS = ("checkout_orders_v2", "payments_payment_v2", "notifications_webhooks_v1")
Json = dict[str, Any]


class ContractBroken(Exception):
    """In words: which exchange, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Operation:
    document: Json
    path: str
    verb: str
    described: Json

    def check_request(self, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> None:
        steps = zip(self.path.split("/"), path.split("/"), strict=True)
        in_path = {name.strip("{}"): step for name, step in steps if name.startswith("{")}
        places: dict[str, Mapping[str, str]] = {"path": in_path, "query": query, "header": headers}
        known = set()
        for parameter in self._parameters():
            name = parameter["name"]
            known.add(name)
            given = places[parameter["in"]].get(name)
            if given is None:
                if parameter.get("required"):
                    raise self._broken(f"{name} is missing")
                continue
            typed = int(given) if parameter["schema"].get("type") == "integer" else given
            self._check(parameter["schema"], typed, name)
        unknown = set(query) - known
        if unknown:
            raise self._broken(f"no such parameter: {sorted(unknown)}")
        content = self._resolved(self.described.get("requestBody", {})).get("content", {})
        if not content:
            if body:
                raise self._broken("it takes no body")
            return
        schema = content["application/json"]["schema"]
        parsed = json.loads(body)
        self._check(schema, parsed, "the request")
        strange = list(self._undescribed(schema, parsed, "the request"))
        if strange:
            raise self._broken(f"not described: {', '.join(strange)}")

    def check_answer(self, status: int, body: Any) -> None:
        responses = self.described["responses"]
        described = responses.get(str(status)) or responses.get("default")
        if described is None:
            raise self._broken(f"it never answers {status}")
        content = self._resolved(described).get("content", {})
        if content:
            self._check(content["application/json"]["schema"], body, f"the answer {status}")

    def _parameters(self) -> Iterator[Json]:
        shared = self.document["paths"][self.path].get("parameters", [])
        for parameter in (*shared, *self.described.get("parameters", ())):
            yield self._resolved(parameter)

    def _resolved(self, node: Json) -> Json:
        while "$ref" in node:
            found: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def _check(self, schema: Json, value: Any, what: str) -> None:
        """OpenAPI 3.0 has the schemas of JSON Schema's fourth draft."""
        whole = {"allOf": [schema], "components": self.document["components"]}
        for error in jsonschema_rs.Draft4Validator(whole, validate_formats=True).iter_errors(value):
            raise self._broken(f"{what}: {'/'.join(map(str, error.instance_path))}: {error.message}")

    def _undescribed(self, schema: Json, value: Any, where: str) -> Iterator[str]:
        """Schemas are open: a name that is written wrongly would be valid, and PayPal would not see it."""
        if isinstance(value, dict):
            properties, is_open = self._properties(schema)
            for name, inner in value.items():
                if name in properties:
                    yield from self._undescribed(properties[name], inner, f"{where}.{name}")
                elif not is_open:
                    yield f"{where}.{name}"
        elif isinstance(value, list):
            items = self._resolved(schema).get("items", {})
            for number, inner in enumerate(value):
                yield from self._undescribed(items, inner, f"{where}[{number}]")

    def _properties(self, schema: Json) -> tuple[Json, bool]:
        node = self._resolved(schema)
        properties = dict(node.get("properties", {}))
        is_open = bool(node.get("additionalProperties"))
        for part in (*node.get("allOf", ()), *node.get("anyOf", ()), *node.get("oneOf", ())):
            inner, inner_open = self._properties(part)
            properties |= inner
            is_open = is_open or inner_open
        return properties, is_open

    def _broken(self, what: str) -> ContractBroken:
        return ContractBroken(f"{self.verb.upper()} {self.path}: {what}")


@dataclass(frozen=True, slots=True)
class Contract:
    """`source`: whose words these are."""

    source: str
    documents: tuple[Json, ...]

    def operation(self, verb: str, path: str) -> Operation:
        """`path` with its real values. Raises ContractBroken when PayPal has no such thing."""
        steps = path.strip("/").split("/")
        for document in self.documents:
            for template, verbs in document["paths"].items():
                if verb.lower() in verbs and _fits(template.strip("/").split("/"), steps):
                    return Operation(document, template, verb.lower(), verbs[verb.lower()])
        raise ContractBroken(f"PayPal has no {verb} {path}")


def _fits(template: list[str], steps: list[str]) -> bool:
    return len(template) == len(steps) and all(
        a == b or a.startswith("{") for a, b in zip(template, steps, strict=True)
    )


@lru_cache(maxsize=1)
def contract() -> Contract:
    if FOLDER.is_dir():
        documents = tuple(json.loads((FOLDER / f"{name}.json").read_text()) for name in _DOCUMENTS)
        return Contract("PayPal's own OpenAPI documents", documents)
    return Contract("a small hand-written contract", (_by_hand(),))


def _by_hand() -> Json:
    def named(name: str) -> Json:
        return {"$ref": f"#/components/schemas/{name}"}

    def of(**properties: Json) -> Json:
        return {"type": "object", "properties": properties}

    def exchange(request: str, answer: str, *query: str, headers: tuple[str, ...] = ()) -> Json:
        described: Json = {
            "parameters": [
                *({"name": name, "in": "query", "schema": {"type": "string"}} for name in query),
                *({"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in headers),
            ],
            "responses": {"default": {"content": {"application/json": {"schema": {"type": "object"}}}}},
        }
        for status in ("200", "201"):
            described["responses"][status] = {"content": {"application/json": {"schema": named(answer)}}}
        if request:
            described["requestBody"] = {"content": {"application/json": {"schema": named(request)}}}
        return described

    text: Json = {"type": "string", "minLength": 1, "maxLength": 2000}
    once = ("PayPal-Request-Id",)
    links = {"type": "array", "items": of(href=text, rel=text, method=text)}
    money = {**of(currency_code={"type": "string", "pattern": "^[A-Z]{3}$"}, value=text)}
    capture = of(id=text, status=text, amount=money, custom_id=text, invoice_id=text, supplementary_data={})
    unit = of(reference_id=text, custom_id=text, invoice_id=text, amount=money)
    context = of(
        user_action=text,
        shipping_preference=text,
        payment_method_preference=text,
        return_url=text,
        cancel_url=text,
    )
    seen = {"type": "object", "required": ["id", "event_type"], "additionalProperties": True}
    headers = ("auth_algo", "cert_url", "transmission_id", "transmission_sig", "transmission_time", "webhook_id")
    schemas = {
        "order_request": {
            **of(
                intent={"enum": ["CAPTURE"]},
                purchase_units={"type": "array", "minItems": 1, "items": unit},
                payment_source=of(paypal=of(experience_context=context)),
            ),
            "required": ["intent", "purchase_units"],
        },
        "order": {**of(id=text, status=text, links=links), "required": ["id", "status"]},
        "nothing": of(),
        "refund_request": of(amount=money, invoice_id=text, custom_id=text),
        "refund": {**capture, "required": ["id", "status"]},
        "question": {**of(webhook_event=seen, **dict.fromkeys(headers, text)), "required": [*headers]},
        "verdict": {**of(verification_status={"enum": ["SUCCESS", "FAILURE"]}), "required": ["verification_status"]},
        "events": of(events={"type": "array", "items": seen}, links=links),
    }
    return {
        "components": {"schemas": schemas},
        "paths": {
            "/v2/checkout/orders": {"post": exchange("order_request", "order", headers=once)},
            "/v2/checkout/orders/{id}": {"get": exchange("", "order")},
            "/v2/checkout/orders/{id}/capture": {"post": exchange("nothing", "order", headers=once)},
            "/v2/payments/captures/{id}/refund": {"post": exchange("refund_request", "refund", headers=once)},
            "/v1/notifications/verify-webhook-signature": {"post": exchange("question", "verdict")},
            "/v1/notifications/webhooks-events": {
                "get": exchange("", "events", "event_type", "start_time", "end_time", "page_size", "page_token")
            },
        },
    }
