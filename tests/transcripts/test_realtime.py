"""Captions in a room: who may send them, what is kept of them, and whether there are any."""

import asyncio
from functools import partial

import pytest
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisDown

from accounts.enums import Plan
from accounts.models import AuditEvent
from config.lib import keys
from config.lib.asgi import in_thread
from meetings.models import Consent, Participant
from rooms.realtime import publishing
from tests.meetings.talks import *  # noqa: F403 - fixtures
from tests.meetings.talks import GUEST
from transcripts.actions import live
from transcripts.models import Caption, Line

pytestmark = pytest.mark.django_db(transaction=True)


async def lines(meeting):
    return await in_thread(read_lines, meeting)


def read_lines(meeting):
    cipher = keys.cipher(meeting.pk)
    return [
        (
            line.participant.name,
            cipher.decrypt(bytes(line.message), row_id=line.pk, field="line.message"),
            line.start_ms,
            line.end_ms,
            line.language,
            line.author_id,
        )
        for line in Line.objects.filter(meeting=meeting).select_related("participant").order_by("pk")
    ]


async def change(row, **changes):
    await in_thread(partial(type(row).objects.filter(pk=row.pk).update, **changes))


async def test_final_is_stored_then_told_with_the_id_of_its_line(host, guest, meeting, owner):
    said = {"msg": "We begin.", "final": True, "startMs": 1000, "endMs": 2500, "language": "en-GB", "lineId": "u-1"}

    answer = await host.asks("transcript", **said)
    seen = await guest.hears("transcript")

    line = await in_thread(Line.objects.get)
    assert answer["seq"] == 1
    assert seen == {
        "type": "transcript",
        "id": owner.pk,
        "username": host.claims.name,
        "time": seen["time"],
        "timeMs": seen["timeMs"],
        "seq": 1,
        **said,
        "lineId": line.pk,
        "replaces": "u-1",
    }
    assert await lines(meeting) == [("Owner Tester", "We begin.", 1000, 2500, "en-GB", owner.pk)]
    audit = await in_thread(partial(AuditEvent.objects.get, action="SEND"))
    assert (audit.user_id, audit.resource) == (owner.pk, {"meetingId": meeting.pk, "lines": 1})


async def test_partial_is_told_and_not_kept(host, guest, meeting):
    answer = await host.asks("transcript", msg="We beg", final=False, lineId="u-1")
    seen = await guest.hears("transcript")

    assert "seq" not in answer
    assert ("seq" in seen, seen["lineId"], seen["final"]) == (False, "u-1", False)
    assert await lines(meeting) == []


async def test_final_of_a_client_that_says_no_more_than_the_words_was_said_now(host, guest, meeting):
    await host.asks("transcript", msg="We begin.", replaces="u-7")
    seen = await guest.hears("transcript")

    (line,) = await lines(meeting)
    assert (line[1], line[2] == line[3]) == ("We begin.", True)
    assert 60_000 <= line[3] < 120_000
    assert (seen["startMs"], seen["endMs"], seen["replaces"]) == (line[2], line[3], "u-7")


async def test_start_is_never_after_the_end(host, meeting):
    await host.asks("transcript", msg="a", startMs=5000, endMs=4000)

    assert [line[2:4] for line in await lines(meeting)] == [(4000, 4000)]


async def test_line_that_is_sent_again_is_stored_once(host, guest, meeting):
    for ref in ("r1", "r2"):
        await host.asks("transcript", msg="Once.", lineId="u-1", ref=ref)
        await guest.asks("transcript", msg="Once too.", lineId="u-1", ref=ref)
    await host.asks("transcript", msg="By its ref.", ref="r3")
    await host.asks("transcript", msg="By its ref.", ref="r3")

    assert [line[1] for line in await lines(meeting)] == ["Once.", "Once too.", "By its ref."]


async def test_lines_without_a_name_are_each_stored(host, meeting):
    for _ in range(2):
        await host.say("transcript", msg="Yes.")

    assert len(await lines(meeting)) == 2


async def test_guest_is_among_the_participants_once(guest, meeting):
    for number in range(2):
        await guest.asks("transcript", msg=f"{number}", startMs=0, endMs=1)

    assert [line[::5] for line in await lines(meeting)] == [("Guest", None)] * 2
    assert await in_thread(Participant.objects.filter(meeting=meeting, guest=GUEST).count) == 1


async def test_viewers_send_no_captions(comes, meeting):
    viewer = await comes(GUEST, "viewer")

    answer = await viewer.asks("transcript", msg="Hello.")

    assert answer["code"] == "not_allowed"


@pytest.mark.parametrize(
    "said",
    [{}, {"msg": ""}, {"msg": " \n"}, {"msg": "a", "startMs": -1}, {"msg": "a", "endMs": 2**40}, {"msg": "a" * 10_001}],
)
async def test_caption_of_another_shape_is_refused(host, said):
    answer = await host.asks("transcript", **said)

    assert answer["code"] == "bad_payload"


@pytest.mark.parametrize("is_final", [True, False])
async def test_who_stays_out_sends_no_captions(host, guest, meeting, is_final):
    guest.connection.joined_seat.consent = False

    answer = await guest.asks("transcript", msg="Hello.", final=is_final)

    assert (answer["code"], await lines(meeting)) == ("not_allowed", [])
    assert host.of("transcript") == []


async def test_who_has_just_decided_to_stay_out_is_not_stored(host, guest, meeting):
    await in_thread(partial(Consent.objects.create, meeting=meeting, guest=GUEST, take_part=False))

    answer = await guest.asks("transcript", msg="Hello.")

    assert (answer["code"], await lines(meeting)) == ("not_allowed", [])


async def test_final_needs_a_meeting_that_runs(host, meeting):
    await change(meeting, ended_at=timezone.now())

    answer = await host.asks("transcript", msg="Hello.")

    assert answer["code"] == "not_allowed"


async def test_meeting_without_transcripts_has_none(host, guest, meeting):
    await change(meeting, transcript_enabled=False)

    answers = [
        await host.asks("start-transcript", on=True, language="en"),
        await host.asks("transcript", msg="Hello."),
        await host.asks("start-transcript", on=False),
    ]

    assert [answer.get("code", "taken") for answer in answers] == ["not_allowed", "not_allowed", "taken"]
    assert "off in this meeting" in answers[0]["message"]
    assert await lines(meeting) == []


async def test_plan_without_transcripts_has_none(host, house, owner):
    await change(owner, plan=Plan.ESSENTIAL)

    answers = [await host.asks("start-transcript", on=True), await host.asks("transcript", msg="Hello.")]

    assert [answer["code"] for answer in answers] == ["not_allowed"] * 2


async def test_host_switches_transcription_and_who_comes_later_is_told(comes, host, guest):
    answer = await host.asks("start-transcript", on=True, language="en-GB")
    seen = await guest.hears("start-transcript")
    late = await comes("late")

    assert (answer["seq"], seen["seq"], seen["language"]) == (1, 1, "en-GB")
    assert late.heard[0]["transcript"] == {"on": True, "language": "en-GB"}


async def test_nobody_sends_captions_once_they_were_switched_off(host, guest, meeting):
    await host.asks("start-transcript", on=False)
    await guest.hears("start-transcript")

    answers = [await guest.asks("transcript", msg="Hello.", final=is_final) for is_final in (True, False)]

    assert [answer["code"] for answer in answers] == ["not_allowed"] * 2
    assert await lines(meeting) == []


async def test_transcription_may_be_switched_on_before_a_meeting_runs(host, meeting):
    await in_thread(meeting.delete)

    answer = await host.asks("start-transcript", on=True)

    assert answer["type"] == "ack"


async def test_only_hosts_switch_transcription(guest):
    answer = await guest.asks("start-transcript", on=True)

    assert answer["code"] == "not_allowed"


async def test_line_waits_for_redis_before_it_is_acknowledged(host, guest, meeting, monkeypatch):
    say, tries = publishing.publish, []

    def fail_twice(*args):
        tries.append(args)
        if len(tries) <= 2:
            raise RedisDown
        return say(*args)

    monkeypatch.setattr(live.publishing, "publish", fail_twice)

    answer = await asyncio.wait_for(host.asks("transcript", msg="At last"), 10)
    seen = await guest.hears("transcript")

    assert (answer["type"], answer["seq"], seen["msg"], len(tries)) == ("ack", seen["seq"], "At last", 3)
    assert await in_thread(Caption.objects.filter(seq=None).count) == 0


async def test_line_that_is_sent_again_is_told_once(host, guest, meeting):
    answers = [await host.asks("transcript", msg="Once.", lineId="u-1", ref=ref) for ref in ("r1", "r2")]
    await host.asks("transcript", msg="Another.")
    await guest.hears("transcript")
    await guest.hears("transcript")

    assert [answer["seq"] for answer in answers] == [1, 1]
    assert [event["msg"] for event in guest.of("transcript")] == ["Once.", "Another."]
