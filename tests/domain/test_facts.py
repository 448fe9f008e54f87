from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.domain.facts import GENESIS_HASH, Fact, FactKind, SaleBody, UnknownFact
from boxoffice.domain.ids import FactId, TillNumber, order_code, ticket_code, uuid7
from tests.domain.examples import NOON, basket, random_bits, sale


def chain(count: int) -> list[Fact]:
    facts: list[Fact] = []
    for seq in range(1, count + 1):
        facts.append(
            Fact.next(
                sale(basket((seq, 0, "A")), seed=seq),
                till=TillNumber(2),
                incarnation=1,
                seq=seq,
                fact_id=FactId(UUID(int=seq)),
                prev_hash=facts[-1].hash if facts else GENESIS_HASH,
                hlc=f"{seq}.0",
                wall_time=NOON,
            )
        )
    return facts


def test_a_fact_survives_the_wire_with_its_hash() -> None:
    for fact in chain(3):
        carried = Fact.model_validate_json(fact.model_dump_json())
        assert carried == fact
        assert carried.is_authentic
        assert carried.kind is FactKind.SALE
        assert isinstance(carried.parsed(), SaleBody)


def test_each_fact_names_the_one_before() -> None:
    facts = chain(3)
    assert [fact.prev_hash for fact in facts] == [GENESIS_HASH, facts[0].hash, facts[1].hash]


@given(st.sampled_from(["seq", "till", "incarnation", "hlc", "prev_hash", "schema_version"]))
def test_a_changed_field_is_noticed(name: str) -> None:
    fact = chain(1)[0]
    value = getattr(fact, name)
    changed = fact.model_copy(update={name: value + 1 if isinstance(value, int) else "1" + value[1:] + "1"})
    assert not changed.is_authentic


@pytest.mark.parametrize("later", [{"kind": "EXCHANGE"}, {"schema_version": 2}])
def test_a_fact_of_a_later_release_is_carried_as_it_is_and_not_interpreted(later: dict[str, object]) -> None:
    draft = chain(1)[0].model_copy(update=later)
    fact = draft.model_copy(update={"hash": draft.computed_hash()})
    carried = Fact.model_validate_json(fact.model_dump_json())
    assert carried == fact
    assert carried.is_authentic
    with pytest.raises(UnknownFact):
        carried.parsed()


def test_one_cent_changed_in_the_body_is_noticed() -> None:
    fact = chain(1)[0]
    body = {**fact.body, "total_minor": fact.body["total_minor"] + 1}
    assert not fact.model_copy(update={"body": body}).is_authentic


def test_ids_are_ordered_in_time_and_codes_can_be_read_aloud() -> None:
    bits = random_bits(5)
    first = uuid7(NOON, bits)
    assert first.version == 7
    assert first.variant == "specified in RFC 4122"
    assert uuid7(NOON.replace(hour=13), bits) > first


@given(st.integers(0, 10**17), st.integers(1, 999_999))
def test_what_is_made_a_microsecond_later_comes_later(at_us: int, later_us: int) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
    first, second = uuid7(at, lambda bits: (1 << bits) - 1), uuid7(at + timedelta(microseconds=later_us), lambda _: 0)
    assert second > first
    assert (first.version, first.variant) == (7, RFC_4122)
    assert first.int >> 80 == at_us // 1000
    code = order_code(first)
    assert len(code) == 7
    assert not set(code) & set("01IO")
    assert ticket_code(42, 1) != ticket_code(42, 2)
