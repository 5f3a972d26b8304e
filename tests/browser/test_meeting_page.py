"""The meeting page by mouse and keys: player, transcript, tabs, find, moments, exports."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import (
    expect_to_play_from,
    is_paused,
    marked_line,
    moment_in_address,
    position,
    remember_seeks,
    start_of,
)

# The colours, rounded to steps of 16, that cover part of the waveform.
COLOURS = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const found = new Set();
    for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] > 100) found.add([0, 1, 2].map(part => Math.round(data[at + part] / 16)).join());
    }
    return [...found];
}"""
COLOUR_OF = """name => getComputedStyle(name).color.match(/\\d+/g).map(part => Math.round(part / 16)).join()"""


def wait_for_mark(page: Page, line: int) -> None:
    expect(page.locator(".line").nth(line)).to_have_attribute("aria-current", "true")
    expect(marked_line(page)).to_have_count(1)


def wait_for_position(page: Page, low: float, high: float) -> None:
    page.wait_for_function(
        """([low, high]) => {
            const now = document.querySelector("#audio").currentTime;
            return low <= now && now <= high;
        }""",
        arg=[low, high],
    )


@pytest.mark.parametrize("place", [".line-text", ".line-time"])
def test_click_on_a_line_plays_it(meeting_page, place):
    line = meeting_page.locator(".line").nth(4)
    remember_seeks(meeting_page)

    line.locator(place).click()

    expect_to_play_from(meeting_page, start_of(line))
    assert line.get_attribute("aria-current") == "true"


def test_click_on_a_sentence_of_the_notes_plays_it(meeting_page):
    sentence = meeting_page.locator("#panel-notes .sentences .sentence").first
    remember_seeks(meeting_page)

    sentence.locator(".said").click()

    expect_to_play_from(meeting_page, start_of(sentence.locator("a.receipt").first))


def test_click_on_the_waveform_plays_that_spot(meeting_page):
    wave = meeting_page.get_by_role("slider", name="Position")
    length = float(wave.get_attribute("aria-valuemax"))
    box = wave.bounding_box()
    remember_seeks(meeting_page)

    wave.click(position={"x": box["width"] / 2, "y": box["height"] / 2})

    expect(meeting_page).to_have_url(re.compile("#t="))
    second = moment_in_address(meeting_page)
    expect_to_play_from(meeting_page, second)
    assert abs(second - length / 2) < 1


def test_waveform_is_drawn_in_the_hue_of_every_speaker(meeting_page):
    hues = {name.evaluate(COLOUR_OF) for name in meeting_page.locator(".speaker-name").all()}
    meeting_page.get_by_role("slider", name="Position").press("End")

    colours = set(meeting_page.locator("#wave-canvas").evaluate(COLOURS))

    assert len(hues) == 3
    assert hues <= colours


def test_arrows_on_the_waveform_move_five_seconds(meeting_page):
    wave = meeting_page.get_by_role("slider", name="Position")

    wave.press("ArrowRight")
    wave.press("ArrowRight")
    wave.press("ArrowLeft")

    wait_for_position(meeting_page, 4.99, 5.01)
    expect(wave).to_have_attribute("aria-valuetext", re.compile("^00:05 of 02:0"))


def test_space_plays_and_pauses(meeting_page):
    page = meeting_page

    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('#audio').currentTime > 0.2")
    page.keyboard.press("Space")

    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert is_paused(page)


def test_arrows_jump_from_line_to_line(meeting_page):
    page = meeting_page
    starts = [start_of(line) for line in page.locator(".line").all()]
    page.locator(".line-text").nth(4).click()
    remember_seeks(page)

    for key, there in (("ArrowRight", 5), ("ArrowRight", 6), ("ArrowLeft", 5)):
        page.keyboard.press(key)
        wait_for_mark(page, there)
        page.wait_for_function("([at]) => Math.abs(seeks.at(-1) - at) < 0.02", arg=[starts[there]])

    assert not is_paused(page)


def test_transcript_is_one_stop_for_tab_and_walked_by_arrows(meeting_page):
    page = meeting_page
    times = page.locator(".line .line-time")
    page.locator("#find-words").focus()

    page.keyboard.press("Tab")
    expect(times.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(times.nth(1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#panel-notes")).to_be_focused()
    page.keyboard.press("Shift+Tab")

    expect(times.nth(1)).to_be_focused()


def test_question_mark_shows_the_keys_and_escape_hides_them(meeting_page):
    sheet = meeting_page.get_by_role("dialog", name="Keys")

    meeting_page.keyboard.press("?")
    expect(sheet).to_be_visible()
    meeting_page.keyboard.press("Escape")

    expect(sheet).to_be_hidden()


def test_find_counts_and_walks(meeting_page):
    page = meeting_page
    texts = page.locator(".line .line-text").all_text_contents()
    total = sum(text.lower().count("office") for text in texts)
    count, found = page.locator("#find-count"), page.locator(".line[data-found]")
    assert total > 2

    page.keyboard.press("/")
    page.keyboard.type("Office")
    expect(count).to_have_text(f"1 of {total}")
    page.keyboard.press("Enter")
    expect(count).to_have_text(f"2 of {total}")
    expect(found).to_contain_text("office")
    expect(found).to_be_in_viewport()
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(count).to_have_text(f"{total} of {total}")

    page.keyboard.press("Escape")
    expect(count).to_have_text("")
    expect(found).to_have_count(0)


def test_find_says_when_nothing_is_found(meeting_page):
    meeting_page.get_by_role("searchbox", name="Find in the transcript").fill("zebra .*")

    expect(meeting_page.locator("#find-count")).to_have_text("Not found")
    assert is_paused(meeting_page)


@pytest.mark.parametrize(
    ("tab", "entries"),
    [("Decisions", "#panel-decisions .sentence"), ("Actions", "#panel-actions .tasks > li"), ("Q&A", ".qna > div")],
)
def test_tab_shows_as_many_entries_as_it_says(meeting_page, tab, entries):
    button = meeting_page.get_by_role("tab", name=tab)
    count = int(button.locator(".count").inner_text())

    button.click()

    assert count > 0
    expect(meeting_page.locator(entries)).to_have_count(count)
    expect(meeting_page.locator(entries).last).to_be_visible()
    expect(meeting_page.locator("#panel-notes")).to_be_hidden()


def test_arrows_walk_through_the_tabs(meeting_page):
    meeting_page.get_by_role("tab", name="Notes").press("ArrowRight")

    expect(meeting_page.get_by_role("tab", name="Decisions")).to_be_focused()
    expect(meeting_page.get_by_role("tabpanel", name="Decisions")).to_be_visible()


def download(page: Page, name: str) -> str:
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as begun:
        page.get_by_role("link", name=name).click()
    return begun.value.path().read_text()


def test_text_export_holds_every_line(meeting_page):
    shown = [
        f"[{line.locator('.line-time').inner_text()}] {line.locator('.line-speaker').text_content()}: "
        f"{line.locator('.line-text').text_content()}"
        for line in meeting_page.locator(".line").all()
    ]

    text = download(meeting_page, "Text")

    assert text.splitlines() == ["Planning the new office", "", *shown]


def test_json_export_holds_every_line(meeting_page):
    shown = [
        (
            line.locator(".line-speaker").text_content(),
            int(line.get_attribute("data-from")),
            line.locator(".line-text").text_content(),
        )
        for line in meeting_page.locator(".line").all()
    ]

    body = json.loads(download(meeting_page, "Data"))

    assert body["meeting"]["title"] == "Planning the new office"
    assert [(line["userName"], line["startMs"], line["message"]) for line in body["lines"]] == shown


def test_speed_changes_how_fast_it_plays(meeting_page):
    page = meeting_page
    audio = page.locator("#audio")

    page.get_by_label("Speed").select_option("2×")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => document.querySelector('#audio').currentTime > 0.3")

    # The clock of the page against the clock of the sound, over a second and more of the latter.
    ratio = audio.evaluate("""audio => new Promise(resolve => {
        const [begun, from] = [performance.now(), audio.currentTime];
        const look = () => {
            const played = audio.currentTime - from;
            if (played > 1.5) resolve(played / (performance.now() - begun) * 1000);
            else requestAnimationFrame(look);
        };
        look();
    })""")
    assert audio.evaluate("audio => audio.playbackRate") == 2
    assert 1.4 < ratio < 2.6


@pytest.mark.parametrize("number", [1, 7, -2])
def test_address_with_a_moment_opens_there(meeting_page, new_page, demo_sign_in, number):
    line = meeting_page.locator(".line").nth(number)
    start, address = start_of(line), line.locator(".line-time").get_attribute("href")
    text = line.locator(".line-text").inner_text()
    other = new_page(storage_state=demo_sign_in)

    other.goto(meeting_page.url + address)

    expect(marked_line(other).locator(".line-text")).to_have_text(text)
    expect(marked_line(other)).to_be_in_viewport()
    wait_for_position(other, start, start + 0.02)
    assert is_paused(other)


def test_address_of_every_line_leads_to_that_line(meeting_page):
    page = meeting_page
    links = page.locator(".line .line-time")

    marked = [
        page.evaluate(
            """async href => {
                location.hash = href;
                await new Promise(resolve => addEventListener("hashchange", resolve, { once: true }));
                return [...document.querySelectorAll(".line")].findIndex(line => line.ariaCurrent === "true");
            }""",
            link.get_attribute("href"),
        )
        for link in links.all()
    ]

    assert marked == list(range(links.count()))


def test_mark_follows_the_sound(meeting_page):
    page = meeting_page
    second = page.locator(".line").nth(1)

    page.goto(f"{page.url}#t={start_of(second) - 0.5}")
    wait_for_mark(page, 0)
    page.keyboard.press("Space")

    wait_for_mark(page, 1)
    assert position(page) >= start_of(second)
