from __future__ import annotations

import pytest

from boxoffice.domain.protocol import Hint, KeyBundle
from sync.core import BACKOFF_MOST_S, POLL_EVERY_S, RETRY_AFTER_MOST_S, Ask, Failure, Stopped
from tests.sync.played import TOMORROW, TONIGHT, WALL, Talk, lease_request


@pytest.fixture
def talk() -> Talk:
    return Talk()


def test_facts_go_before_everything_but_the_greeting(talk: Talk) -> None:
    talk.local.keeps = (TONIGHT, TOMORROW)
    talk.local.leases.append(lease_request())
    for _ in range(7):
        talk.local.act()
    assert talk.rest() == [
        *(Ask.STATUS, Ask.PUSH, Ask.PUSH, Ask.HEADS, Ask.CATALOGUE, Ask.KEYS, Ask.LEASE, Ask.SNAPSHOT, Ask.SNAPSHOT)
    ]
    assert talk.local.houses == {TONIGHT: 3, TOMORROW: 1}
    assert talk.rest() == []


def test_snapshots_come_in_the_order_that_the_till_wants_them(talk: Talk) -> None:
    talk.local.keeps = (TOMORROW, TONIGHT)
    talk.rest()
    assert list(talk.local.houses) == [TOMORROW, TONIGHT]


def test_a_fact_made_while_lists_load_goes_next(talk: Talk) -> None:
    talk.local.keeps = (TONIGHT,)
    while talk.step().ask is not Ask.CATALOGUE:  # type: ignore[union-attr]
        pass
    talk.local.act()
    request = talk.next()
    assert request is not None
    assert request.ask is Ask.PUSH


def test_only_the_mark_that_central_returns_acknowledges(talk: Talk) -> None:
    for _ in range(5):
        talk.local.act()
    talk.step()
    request = talk.next()
    assert request is not None
    reply = talk.central.push(request).model_copy(update={"applied_hi": 2})
    talk.core.succeeded(request, reply, talk.now, WALL)
    assert talk.local.applied_hi == 2
    again = talk.next()
    assert again is not None
    assert again.push is not None
    assert again.push.from_seq == 3


def test_a_lost_reply_is_followed_by_the_same_batch_and_nothing_is_applied_twice(talk: Talk) -> None:
    talk.local.act()
    talk.step()
    request = talk.next()
    assert request is not None
    talk.central.answer(request, 1)
    talk.core.failed(request, Failure.TRANSPORT, talk.now)
    talk.wait(BACKOFF_MOST_S)
    talk.rest()
    assert talk.asked[:2] == [Ask.STATUS, Ask.PUSH]
    assert talk.local.applied_hi == 1
    assert len(talk.central.applied) == 1


@pytest.mark.parametrize("failure", [Failure.NOT_THE_PROTOCOL, Failure.TRANSPORT, Failure.BUSY, Failure.REFUSED])
def test_whatever_goes_wrong_with_a_push_the_facts_are_kept_and_sent_later(talk: Talk, failure: Failure) -> None:
    talk.local.act()
    talk.step()
    assert talk.fail(failure).ask is Ask.PUSH
    assert not talk.core.online
    assert talk.local.applied_hi == 0
    assert talk.next() is None
    talk.wait(BACKOFF_MOST_S)
    talk.rest()
    assert talk.local.applied_hi == 1
    assert talk.core.online


def test_a_revoked_till_stops_and_keeps_what_waits(talk: Talk) -> None:
    talk.local.act()
    talk.fail(Failure.UNAUTHORISED)
    assert talk.core.stopped is Stopped.REVOKED
    assert not talk.core.online
    talk.wait(1e6)
    assert talk.next() is None
    assert talk.local.applied_hi == 0


@pytest.mark.parametrize("why", [Stopped.REVOKED, Stopped.DIVERGED])
def test_what_central_stopped_is_still_stopped_after_a_restart_without_it(why: Stopped) -> None:
    talk = Talk()
    talk.local.stop = why
    talk = talk.again()
    assert talk.core.stopped is why
    talk.fail(Failure.TRANSPORT)
    assert talk.core.stopped is why
    talk.wait(BACKOFF_MOST_S)
    talk.rest()
    assert (talk.core.stopped, talk.local.stop) == (Stopped.NO, Stopped.NO)  # central takes it again


def test_a_revoked_till_asks_once_more_after_a_restart_and_then_rests(talk: Talk) -> None:
    talk.fail(Failure.UNAUTHORISED)
    talk = talk.again()
    talk.fail(Failure.UNAUTHORISED)
    talk.wait(1e6)
    assert talk.next() is None
    assert talk.local.stop is Stopped.REVOKED


def test_a_journal_that_differs_from_centrals_stops_and_acknowledges_nothing(talk: Talk) -> None:
    talk.local.act()
    talk.step()
    request = talk.next()
    assert request is not None
    reply = talk.central.push(request).model_copy(update={"diverged": True})
    talk.core.succeeded(request, reply, talk.now, WALL)
    assert talk.core.stopped is Stopped.DIVERGED
    assert talk.local.applied_hi == 0
    assert talk.next() is None


def test_it_waits_as_long_as_central_asks_but_not_a_year(talk: Talk) -> None:
    talk.fail(Failure.BUSY, retry_after_s=42)
    talk.wait(41.9)
    assert talk.next() is None
    talk.wait(0.1)
    talk.fail(Failure.BUSY, retry_after_s=3e7)
    talk.wait(RETRY_AFTER_MOST_S)
    assert talk.next() is not None


@pytest.mark.parametrize("random", [0.0, 0.37, 1.0])
def test_the_back_off_is_full_jitter_below_a_doubling_ceiling(random: float) -> None:
    talk = Talk(random)
    waits = []
    for _ in range(9):
        talk.fail(Failure.TRANSPORT)
        waits.append(talk.core.wake_at - talk.now)
        talk.now = talk.core.wake_at
    ceilings = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert waits == pytest.approx([random * ceiling for ceiling in ceilings])


def test_the_back_off_grows_although_central_still_answers_the_greeting(talk: Talk) -> None:
    talk.local.act()
    waits = []
    for _ in range(4):
        talk.step()
        talk.fail(Failure.BUSY)
        waits.append(talk.core.wake_at - talk.now)
        talk.now = talk.core.wake_at
    assert waits == [0.5, 1, 2, 4]
    talk.rest()
    talk.local.act()
    talk.fail(Failure.BUSY)
    assert talk.core.wake_at - talk.now == 0.5


def test_a_person_may_try_at_once(talk: Talk) -> None:
    talk.fail(Failure.BUSY, retry_after_s=300)
    assert talk.next() is None
    talk.core.try_now()
    assert talk.rest()


def test_a_cursor_that_is_gone_drops_the_house_and_pulls_it_anew(talk: Talk) -> None:
    talk.local.keeps = (TONIGHT,)
    talk.rest()
    talk.central.heads[TONIGHT] = 9
    talk.wait(POLL_EVERY_S)
    talk.step()
    assert talk.fail(Failure.RESYNC).ask is Ask.FEED
    assert talk.local.houses == {}
    assert talk.rest() == [Ask.SNAPSHOT]
    assert talk.local.houses == {TONIGHT: 9}


def test_a_page_that_does_not_continue_the_house_pulls_it_anew(talk: Talk) -> None:
    talk.local.keeps = (TONIGHT,)
    talk.rest()
    talk.central.heads[TONIGHT] = 9
    talk.wait(POLL_EVERY_S)
    talk.step()
    request = talk.next()
    assert request is not None
    page = talk.central.answer(request, 1)
    gap = page.model_copy(update={"entries": page.entries[1:]})  # type: ignore[union-attr]
    talk.core.succeeded(request, gap, talk.now, WALL)
    assert talk.rest() == [Ask.SNAPSHOT]


def test_one_house_that_central_refuses_does_not_keep_the_others_waiting(talk: Talk) -> None:
    talk.local.keeps = (TONIGHT, TOMORROW)
    for _ in range(4):
        talk.step()
    assert talk.fail(Failure.REFUSED).performance == TONIGHT
    assert talk.rest() == [Ask.SNAPSHOT]
    assert talk.core.online
    talk.local.act()
    talk.wait(POLL_EVERY_S)
    assert talk.rest()[0] is Ask.PUSH
    assert TONIGHT in talk.local.houses


def test_a_hint_pulls_at_once_and_its_echo_asks_for_nothing(talk: Talk) -> None:
    talk.local.keeps = (TONIGHT,)
    talk.rest()
    talk.central.heads[TONIGHT] = 4
    talk.core.hint(Hint(performance=TONIGHT, head=4))
    assert talk.rest() == [Ask.FEED]
    talk.core.hint(Hint(performance=TONIGHT, head=4))
    assert talk.rest() == []
    for strange in (Hint(performance=TONIGHT, head=2), Hint(performance=TOMORROW, head=1)):
        talk.core.hint(strange)
    assert talk.rest() == [Ask.HEADS]


def test_the_catalogues_hint_and_the_clock_ask_for_the_heads(talk: Talk) -> None:
    talk.rest()
    talk.core.hint(Hint(performance=0, head=0))  # type: ignore[arg-type]
    assert talk.rest() == [Ask.HEADS]
    assert talk.core.wake_at == talk.now + POLL_EVERY_S
    talk.wait(POLL_EVERY_S)
    assert talk.rest() == [Ask.HEADS]


def test_a_till_restored_from_an_old_copy_begins_a_new_incarnation(talk: Talk) -> None:
    for _ in range(4):
        talk.local.act()
    talk.rest()
    del talk.local.facts[2:]
    talk.local.applied_hi = 1
    lost_nothing = talk.local.facts[1].id
    talk.core = type(talk.core)(talk.local, lambda: 0.5)
    talk.local.act()
    asked = talk.rest()
    assert asked[:3] == [Ask.STATUS, Ask.INCARNATION, Ask.PUSH]
    assert talk.local.incarnation == 2
    assert talk.central.hi(1) == 4
    assert talk.central.hi(2) == 2
    assert talk.central.applied.count(lost_nothing) == 1
    assert len(talk.central.applied) == 5


@pytest.mark.parametrize("while_on_line", [True, False])
def test_a_restored_central_gets_again_what_it_lost(talk: Talk, while_on_line: bool) -> None:
    talk.local.keeps = (TONIGHT,)
    for _ in range(6):
        talk.local.act()
    talk.rest()
    talk.central.epoch = 2
    del talk.central.facts[1][2:], talk.central.applied[2:]
    if while_on_line:
        talk.local.act()  # the very next push meets it
    else:
        talk.wait(POLL_EVERY_S)
    talk.rest()
    assert talk.central.hi(1) == len(talk.local.facts)
    assert [fact.id for fact in talk.local.facts] == talk.central.applied
    assert talk.local.server_epoch == 2
    assert talk.local.houses == {TONIGHT: 3}


def test_a_declined_lease_is_closed_and_not_asked_for_again(talk: Talk) -> None:
    talk.rest()
    talk.local.leases.append(lease_request())
    assert talk.fail(Failure.REFUSED).ask is Ask.LEASE
    assert talk.local.leases == []
    assert talk.rest() == []
    assert talk.core.online


def test_a_lost_grant_is_asked_for_again_by_the_same_number(talk: Talk) -> None:
    talk.rest()
    request = lease_request()
    talk.local.leases.append(request)
    talk.fail(Failure.TRANSPORT)
    talk.wait(BACKOFF_MOST_S)
    talk.rest()
    assert [grant.request for grant in talk.local.granted] == [request.request]


def test_keys_that_central_did_not_sign_are_not_taken(talk: Talk) -> None:
    talk.central.keys = KeyBundle(version=1, keys=(), signature=b"x" * 64)
    while talk.step().ask is not Ask.KEYS:  # type: ignore[union-attr]
        pass
    assert talk.local.keys == 0
    assert not talk.core.online


def test_the_till_knows_how_far_its_clock_is_off(talk: Talk) -> None:
    request = talk.next()
    assert request is not None
    late = talk.central.status(1).model_copy(update={"server_time": WALL.replace(hour=11)})
    talk.core.succeeded(request, late, talk.now, WALL)
    assert talk.core.clock_skew_s == 3600
