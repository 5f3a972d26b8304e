"""What people do on the pages, and what they see there."""

from playwright.sync_api import Locator, Page, expect

from tests.factories import PASSWORD

# Two busy cores take their time.
WORK_MS = 150_000
# The share of a sample's range; speech is far above it, silence far below.
HEARD = 0.01
LISTEN = """audio => {
    const context = new AudioContext();
    const ear = context.createAnalyser();
    context.createMediaStreamSource(audio.captureStream()).connect(ear);
    const samples = new Float32Array(ear.fftSize);
    return new Promise(resolve => {
        const listen = () => {
            ear.getFloatTimeDomainData(samples);
            if (!audio.paused && samples.some(sample => Math.abs(sample) > %f)) resolve(audio.currentTime);
            else setTimeout(listen, 50);
        };
        listen();
    });
}"""


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Fill in the sign-in form, wherever it was met."""
    page.get_by_label("E-mail or username").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def sign_in_to_demo(page: Page) -> None:
    page.goto("/accounts/sign-in")
    page.get_by_role("button", name="Fill in the demo account").click()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Meetings", exact=True)).to_be_visible()


def expect_to_complete(page: Page) -> None:
    """Wait on the page of a meeting, without touching it, until nothing is left to do and nothing is missing."""
    meeting = page.locator("#meeting")
    expect(meeting).not_to_have_attribute("data-state", "processing", timeout=WORK_MS)
    assert page.locator(".gap, .track-error").all_inner_texts() == []
    expect(meeting).to_have_attribute("data-state", "ready")


def position(page: Page) -> float:
    """Where the sound is, in seconds."""
    return float(page.locator("#audio").evaluate("audio => audio.currentTime"))


def is_paused(page: Page) -> bool:
    return bool(page.locator("#audio").evaluate("audio => audio.paused"))


def start_of(place: Locator) -> float:
    """The second of the meeting that a line or a receipt stands for."""
    return float(place.evaluate("place => place.dataset.start ?? place.dataset.from")) / 1000


def marked_line(page: Page) -> Locator:
    return page.locator(".line[aria-current]")


def remember_seeks(page: Page) -> None:
    """Note from now on where the sound is sent to."""
    page.locator("#audio").evaluate(
        "audio => { window.seeks = []; audio.addEventListener('seeking', () => seeks.push(audio.currentTime)); }"
    )


def seeks(page: Page) -> list[float]:
    return list(page.evaluate("seeks"))


def expect_to_play_from(page: Page, second: float) -> None:
    """It was sent to this second, and goes on from there."""
    page.wait_for_function("([at]) => !audio.paused && audio.currentTime > at + 0.4", arg=[second])
    assert abs(seeks(page)[-1] - second) < 0.02
    assert abs(moment_in_address(page) - second) < 0.02


def moment_in_address(page: Page) -> float:
    before, _, second = page.url.partition("#t=")
    assert second, f"{before} holds no moment"
    return float(second)


def hear(page: Page) -> float:
    """Listen until there is something to be heard; give the second of the meeting at that time."""
    return float(page.locator("#audio").evaluate(LISTEN % HEARD))
