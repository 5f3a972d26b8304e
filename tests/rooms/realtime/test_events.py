"""Events on their way between processes, and the forms in which members get them."""

import pytest

from rooms.realtime.events import Batch, Event, Form, Route, packed, unpacked
from rooms.realtime.frames import text_frame

SAID = b'{"type":"chat-box","msg":"a"}'
ROUTE = Route(
    "chat-box",
    "0123",
    skip="c1",
    to=("p1", "p2"),
    roles=("host",),
    writes=(("state", "locked", "true"),),
    orders=(("close", "p1", "4403"),),
)


def test_event_is_read_as_it_was_packed():
    epoch, (event,) = unpacked(b"e1::" + packed(ROUTE, SAID))

    assert (epoch, event.route, event.body, event.seq, event.pseqs) == ("e1", ROUTE, SAID, 0, {})


def test_number_of_the_room_is_put_into_the_event():
    _, (event,) = unpacked(b"e1:7:" + packed(ROUTE, SAID))

    assert (event.seq, event.body) == (7, b'{"type":"chat-box","msg":"a","seq":7}')


def test_numbers_of_people_are_put_in_for_each_of_them():
    _, (event,) = unpacked(b"e1:p1=3,p2=12:" + packed(ROUTE, SAID))

    mine, theirs, others = (event.to_person(person) for person in ("p1", "p2", "p3"))
    assert (mine.pseq, mine.body) == (3, b'{"type":"chat-box","msg":"a","pseq":3}')
    assert (theirs.pseq, theirs.body) == (12, b'{"type":"chat-box","msg":"a","pseq":12}')
    assert (others.pseq, others.body) == (0, SAID)


def test_colons_of_an_event_part_nothing():
    _, (event,) = unpacked(b"::" + packed(Route("a:b", "c:d"), b'{":":":"}'))

    assert (event.route.type, event.route.id, event.body) == ("a:b", "c:d", b'{":":":"}')


@pytest.mark.parametrize(
    ("route", "is_for"),
    [
        (Route("a"), True),
        (Route("a", skip="c1"), False),
        (Route("a", skip="c2"), True),
        (Route("a", to=("p1",)), True),
        (Route("a", to=("p2",)), False),
        (Route("a", roles=("viewer",)), True),
        (Route("a", roles=("host",)), False),
        (Route("a", to=("p1",), roles=("host",)), False),
    ],
)
def test_event_is_for_whom_its_route_names(route, is_for):
    event = Event(route, SAID)

    assert event.is_for(connection="c1", person="p1", role="viewer") is is_for


@pytest.mark.parametrize(
    ("route", "is_selective"),
    [(Route("a", skip="c1"), False), (Route("a", to=("p1",)), True), (Route("a", roles=("host",)), True)],
)
def test_event_for_some_is_selective(route, is_selective):
    assert route.is_selective is is_selective


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Form.PLAIN, SAID),
        (Form.NAMED, b'42["chat-box",' + SAID + b"]"),
        (Form.DATA, b'42["data",' + SAID + b"]"),
    ],
)
def test_event_has_a_form_for_each_kind_of_client(form, text):
    event = Event(Route("chat-box"), SAID)

    assert event.texts(form) == [text]
    assert event.frame(form) == text_frame(text)
    assert event.frame(form) is event.frame(form)


@pytest.mark.parametrize(
    ("form", "names"), [(Form.NAMED, ("participant-joined", "room_connected")), (Form.DATA, ("data",) * 2)]
)
def test_old_clients_are_told_twice_that_somebody_came(form, names):
    event = Event(Route("participant-joined"), b'{"type":"participant-joined","participant":{"id":"p1"}}')

    assert event.texts(form) == [
        b'42["%s",{"type":"participant-joined","participant":{"id":"p1"}}]' % names[0].encode(),
        b'42["%s",{"type":"room_connected","joined":{"id":"p1"}}]' % names[1].encode(),
    ]
    assert len(event.texts(Form.PLAIN)) == 1


def test_batch_leaves_in_one_write():
    batch = Batch([Event(Route("a"), b'{"type":"a"}'), Event(Route("b"), b'{"type":"b"}')])

    assert batch.texts(Form.PLAIN) == [b'{"type":"a"}', b'{"type":"b"}']
    assert batch.frames(Form.PLAIN) == text_frame(b'{"type":"a"}') + text_frame(b'{"type":"b"}')
    assert batch.frames(Form.PLAIN) is batch.frames(Form.PLAIN)
