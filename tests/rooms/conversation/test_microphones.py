"""Viewers who ask for the microphone: the queue that hosts see."""


async def test_host_who_comes_later_sees_who_asks_and_is_still_here(comes):
    host = await comes("host", "host")
    viewers = [await comes(name, "viewer", through=1) for name in ("one", "two", "three")]
    for viewer in viewers:
        await viewer.asks("request-mic")
        await host.hears("request-mic")

    await viewers[1].connection.leave(is_over=True)
    await host.hears("participant-left")
    later = await comes("later", "cohost")

    assert [asking["id"] for asking in later.heard[0]["micRequests"]] == ["one", "three"]
