"""Engine.IO 4 and Socket.IO 5 packet by packet, as the documents of the protocols have them, on a running system."""

import asyncio
import json
from contextlib import asynccontextmanager

import httpx
import pytest
import websockets

from tests.rooms.realtime.clients import room_token
from tests.system.people import register
from tests.system.processes import serving

pytestmark = pytest.mark.asyncio

SECONDS = 10
UNKNOWN_SESSION = {"code": 1, "message": "Session ID unknown: connect again."}
NOT_NOW = {"code": 3, "message": "Bad request: this connection does not take that now."}
OLD = {
    "code": 5,
    "message": "This server speaks Engine.IO 4 only, which Socket.IO has spoken since version 3: "
    "update the client, for example to socket.io-client 4.",
}


@pytest.fixture(scope="module")
def system():
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def host(system):
    return register(system, "host")


@pytest.fixture
def token(host):
    room = host.post("/room/create", {"name": "Packets", "type": "meeting"})["id"]
    return room_token(host, room)


@pytest.fixture
async def http(system):
    async with httpx.AsyncClient(base_url=system.base_url, timeout=SECONDS) as client:
        yield client


def path(**query):
    return f"/socket.io/?{httpx.QueryParams({'EIO': 4, **query})}"


async def opened(http):
    """Begin a session that polls; give its address."""
    answer = await http.get(path(transport="polling"))
    return path(transport="polling", sid=json.loads(answer.text[1:])["sid"])


@asynccontextmanager
async def websocket(system, *, token=None, **query):
    """Have a session over a WebSocket, and be connected where there is a token."""
    address = system.base_url.replace("http", "ws", 1) + path(transport="websocket", **query)
    async with websockets.connect(address) as socket:
        if not query:
            assert (await heard(socket)).startswith("0{")
        if token:
            await socket.send("40" + json.dumps({"token": token}))
            assert (await heard(socket)).startswith('40{"sid":')
        yield socket


async def heard(socket):
    async with asyncio.timeout(SECONDS):
        return await socket.recv()


async def ends(socket):
    """Wait until the server hangs up; give what it said before."""
    said = []
    async with asyncio.timeout(SECONDS):
        try:
            while True:
                said.append(await socket.recv())
        except websockets.ConnectionClosed:
            return said


async def test_session_opens_with_its_times_and_its_limit(http):
    answer = await http.get(path(transport="polling"))

    told = json.loads(answer.text[1:])
    assert (answer.status_code, answer.text[0]) == (200, "0")
    assert answer.headers["content-type"] == "text/plain; charset=UTF-8"
    assert told == {
        "sid": told["sid"],
        "upgrades": ["websocket"],
        "pingTimeout": 20_000,
        "pingInterval": 25_000,
        "maxPayload": 2**20 + 2**16,
    }


@pytest.mark.parametrize(
    ("method", "query", "answer"),
    [
        ("GET", "transport=polling", OLD),
        ("GET", "EIO=3&transport=polling", OLD),
        ("GET", "EIO=abc&transport=polling", OLD),
        ("GET", "EIO=4", {"code": 0, "message": "Transport unknown: use polling or websocket."}),
        ("GET", "EIO=4&transport=abc", {"code": 0, "message": "Transport unknown: use polling or websocket."}),
        ("GET", "EIO=4&transport=websocket", NOT_NOW),
        ("GET", "EIO=4&transport=polling&j=0", NOT_NOW),
        ("GET", "EIO=4&transport=polling&sid=abc", UNKNOWN_SESSION),
        ("POST", "EIO=4&transport=polling&sid=abc", UNKNOWN_SESSION),
        ("POST", "EIO=4&transport=polling", {"code": 2, "message": "Bad handshake method: begin with GET."}),
        ("PUT", "EIO=4&transport=polling", {"code": 2, "message": "Bad handshake method: begin with GET."}),
    ],
)
async def test_request_that_is_none_of_the_protocol_is_told_why(http, method, query, answer):
    response = await http.request(method, f"/socket.io/?{query}")

    assert (response.status_code, response.json()) == (400, answer)


@pytest.mark.parametrize(
    "query", ["transport=websocket", "EIO=3&transport=websocket", "EIO=4", "EIO=4&transport=polling"]
)
async def test_websocket_that_is_none_of_the_protocol_is_told_why(system, query):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"{system.base_url.replace('http', 'ws', 1)}/socket.io/?{query}")

    response = refused.value.response
    assert response.status_code == 400
    assert json.loads(response.body)["message"]


async def test_old_client_is_told_what_to_do_over_a_websocket(system):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"{system.base_url.replace('http', 'ws', 1)}/socket.io/?EIO=3&transport=websocket")

    assert json.loads(refused.value.response.body) == OLD


async def test_polling_client_connects_speaks_and_leaves(http, token):
    session = await opened(http)

    sent = await http.post(session, content="40" + json.dumps({"token": token}))
    connected = await http.get(session)
    several = await http.post(session, content='427["nonsense",{}]\x1e42["nonsense"]')
    answered = await http.get(session)
    closed = await http.post(session, content="1")
    after = [await http.get(session), await http.get(session)]

    error = '{"type":"error","ref":null,"code":"unknown_type","message":"There is no event of the type \'nonsense\'."}'
    assert (sent.status_code, sent.text, several.text, closed.text) == (200, "ok", "ok", "ok")
    assert connected.text == f'40{{"sid":"{json.loads(connected.text[2:])["sid"]}"}}'
    assert answered.text == f'437[{error}]\x1e42["error",{error}]'
    assert after[-1].status_code == 400


async def test_poll_that_waits_is_answered_when_its_client_closes(http):
    session = await opened(http)

    poll = asyncio.create_task(http.get(session))
    await asyncio.sleep(0.1)
    await http.post(session, content="1")

    answer = await poll
    after = await http.get(session)
    assert (answer.status_code, answer.text, after.status_code) == (200, "6", 400)


@pytest.mark.parametrize("second", ["GET", "POST"])
async def test_second_request_of_a_session_at_the_same_time_ends_it(http, second):
    session = await opened(http)

    async def body():
        yield b"4"
        await asyncio.sleep(0.5)
        yield b'0{"token":"x"}'

    first = asyncio.create_task(http.get(session) if second == "GET" else http.post(session, content=body()))
    await asyncio.sleep(0.1)
    refused = await http.request(second, session, **({"content": "3"} if second == "POST" else {}))
    answer = await first
    rest = await http.get(session)

    assert (refused.status_code, refused.json()) == (400, NOT_NOW)
    if second == "GET":
        assert (answer.status_code, answer.text) == (200, "1")
        assert (rest.status_code, rest.json()) == (400, UNKNOWN_SESSION)


@pytest.mark.parametrize("content", ["abc", "", "2", "5", "4", "4true", '4"x"', "9", "bnot base64", b"\xff", "3\x1e"])
async def test_malformed_payload_ends_the_session(http, content):
    session = await opened(http)

    answer = await http.post(session, content=content)
    after = [await http.get(session), await http.get(session)]

    assert (answer.status_code, answer.json()) == (400, NOT_NOW)
    assert (after[0].text, after[1].status_code) == ("1", 400)


async def test_payload_may_come_in_chunks_but_not_be_too_large(http, token):
    async def parts(text):
        yield text[:5].encode()
        yield text[5:].encode()

    session = await opened(http)
    taken = await http.post(session, content=parts("40" + json.dumps({"token": token})))
    connected = await http.get(session)
    refused = await http.post(session, content=parts('42["' + "x" * (2**20 + 2**16) + '"]'))

    assert (taken.text, connected.text[:8], refused.status_code) == ("ok", '40{"sid"', 400)


async def test_many_packets_may_come_at_once(http, token):
    session = await opened(http)
    await http.post(session, content="40" + json.dumps({"token": token}))
    await http.get(session)

    await http.post(session, content="\x1e".join(f'42{number}["nonsense",{{}}]' for number in range(100)))
    answers = (await http.get(session)).text.split("\x1e")

    assert [answer.partition("[")[0] for answer in answers] == [f"43{number}" for number in range(100)]


async def test_session_moves_from_polling_to_a_websocket(system, http, token):
    session = await opened(http)
    await http.post(session, content="40" + json.dumps({"token": token}))
    await http.get(session)

    poll = asyncio.create_task(http.get(session))
    async with websocket(system, sid=session.rpartition("=")[2]) as socket:
        await socket.send("2probe")
        probed = await heard(socket)
        released = await poll
        await socket.send("5")
        await socket.send('429["nonsense",{}]')
        answer = await heard(socket)
        refused = [await http.get(session), await http.post(session, content="3")]
        with pytest.raises(websockets.InvalidStatus):
            async with websocket(system, sid=session.rpartition("=")[2]):
                pass
        await socket.send('4210["nonsense",{}]')
        again = await heard(socket)

    assert (probed, released.text, answer[:4], again[:5]) == ("3probe", "6", "439[", "4310[")
    assert [response.status_code for response in refused] == [400, 400]


async def test_session_goes_on_polling_when_an_upgrade_comes_to_nothing(system, http, token):
    session = await opened(http)

    async with websocket(system, sid=session.rpartition("=")[2]) as socket:
        await socket.send("2probe")
        await heard(socket)
        await socket.send('42["room.join"]')
        await ends(socket)
    await http.post(session, content="40" + json.dumps({"token": token}))
    answers = [(await http.get(session)).text]
    if answers == ["6"]:
        answers.append((await http.get(session)).text)

    assert '40{"sid":' in answers[-1]


@pytest.mark.parametrize("frame", ["abc", "", "4", "4abc", "2", "5", "0", "9", "4true", '4"40"', "4²", b"", b"\x00"])
async def test_malformed_frame_ends_the_session(system, token, frame):
    async with websocket(system, token=token) as socket:
        await socket.send(frame)
        said = await ends(socket)

    assert said in ([], ["1"])


@pytest.mark.parametrize(
    "content",
    [
        *("2{}", "2[]", "2", "2[5]", "2nonsense", '2abc["x"]', '2["x"', '212345678901234567["x"]', "2" + "[" * 100_000),
        *("0[]", "05", '1{"a":1}', "3{}", '4{"message":"x"}', "6[]", '2/other,["x"]', "1/other", '0{"token":"again"}'),
        *('517-["x"]', '599999999999-["x"]', '51-["x"]|42["x"]', '51-["x",{"_placeholder":true,"num":1}]|' + "\x00"),
    ],
)
async def test_malformed_packet_ends_the_session(system, token, content):
    first, *attached = content.split("|")
    async with websocket(system, token=token) as socket:
        await socket.send("4" + first)
        for part in attached:
            await socket.send(part.encode() if part == "\x00" else part)
        said = await ends(socket)

    assert said == ["1"]


async def test_namespaces_but_the_main_one_are_unknown(system):
    async with websocket(system) as socket:
        await socket.send("40/random")
        said = await heard(socket)

    assert said == '44/random,{"message":"Invalid namespace"}'


@pytest.mark.parametrize("auth", ["", "{}", '{"token":5}', '{"token":"a.b.c"}'])
async def test_who_has_no_token_is_told_so(system, auth):
    async with websocket(system) as socket:
        await socket.send("40" + auth)
        said = await heard(socket)

    sentence = "The room token is not valid or has expired: ask for a new one."
    assert json.loads(said[2:]) == {"message": sentence, "data": {"code": "bad_room_token"}}
    assert said.startswith("44")


async def test_nothing_is_said_before_one_is_connected(system):
    async with websocket(system) as socket:
        await socket.send('42["room.join",{}]')

        assert await ends(socket) == ["1"]


async def test_who_disconnects_is_hung_up_on(system, token):
    async with websocket(system, token=token) as socket:
        await socket.send("41")

        assert await ends(socket) == ["1"]


async def test_binary_event_is_taken_as_one(system, token):
    async with websocket(system, token=token) as socket:
        await socket.send('452-7["nonsense",{"a":{"_placeholder":true,"num":1},"b":{"_placeholder":true,"num":0}}]')
        await socket.send(b"\x01\x02")
        await socket.send(b"\x03")
        answer = await heard(socket)
        await socket.send('450-8["nonsense",{}]')
        without = await heard(socket)

    assert (json.loads(answer[3:])[0]["code"], json.loads(without[3:])[0]["code"]) == ("unknown_type", "unknown_type")


async def test_acknowledgement_of_nothing_is_let_go(system, token):
    async with websocket(system, token=token) as socket:
        await socket.send("431[]")
        await socket.send('421["nonsense",{}]')

        assert (await heard(socket)).startswith("431[")
