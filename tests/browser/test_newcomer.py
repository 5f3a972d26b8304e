"""Somebody who has just started the demo: sees what it is, watches it work, reads, and checks a sentence by ear."""

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import (
    expect_to_complete,
    expect_to_play_from,
    hear,
    marked_line,
    position,
    remember_seeks,
    start_of,
)

PEOPLE = ["Anna", "Ben", "Carl"]
# Tells of each state of the progress that the page shows.
TELL_PROGRESS = """
    new MutationObserver(() => {
        const progress = document.querySelector("#progress");
        if (!progress) return;
        const whole = progress.querySelector(".progress-whole").value;
        const left = progress.querySelector(".progress-facts").innerText;
        const tracks = [...progress.querySelectorAll(".track")].map(track => [
            track.querySelector(".track-name").innerText,
            track.querySelector("progress").value,
            track.querySelector(".track-state").innerText.trim(),
        ]);
        tellProgress(whole, left, tracks);
    }).observe(document, { subtree: true, childList: true });
"""

THIRTY_FRAMES = """() => new Promise(resolve => {
    let left = 30;
    const step = () => (left-- ? requestAnimationFrame(step) : resolve());
    step();
})"""


def watch_progress(page: Page) -> list[tuple[float, str, list[tuple[str, float, str]]]]:
    """Give a list that grows with everything that the page shows of the progress."""
    shown = []
    page.expose_function("tellProgress", lambda *state: shown.append(state))
    page.add_init_script(TELL_PROGRESS)
    return shown


def test_newcomer_watches_the_demo_become_minutes(new_page, worker_goes_on):
    page = new_page()
    shown = watch_progress(page)

    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Meetings that write their own minutes")
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="Fill in the demo account").click()
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".meeting-row")).to_contain_text("Recognising")
    page.get_by_role("link", name="Planning the new office").click()
    expect(page.locator("#meeting")).to_have_attribute("data-state", "processing")
    worker_goes_on()
    # From here on nobody touches the page.
    expect_to_complete(page)

    wholes = [whole for whole, _left, _tracks in shown]
    assert any(0 < whole < 100 for whole in wholes)
    assert all(before <= after for before, after in pairwise(wholes))
    assert any(left.endswith("left") for _whole, left, _tracks in shown)
    for number, name in enumerate(PEOPLE):
        seen = [tracks[number] for _whole, _left, tracks in shown]
        assert {track_name for track_name, _value, _state in seen} == {name}
        assert any(0 < value < 100 and state == f"{value:.0f} %" for _name, value, state in seen)
        assert all(before[1] <= after[1] for before, after in pairwise(seen))
    expect(page.locator("#progress")).to_have_count(0)
    expect(page.locator("#audio")).to_have_count(1)


def test_transcript_and_notes_are_read(meeting_page):
    lines = meeting_page.locator(".line")
    notes = meeting_page.locator("#notes")

    assert meeting_page.locator(".speakers .speaker-name").all_inner_texts() == PEOPLE
    assert set(lines.locator(".line-speaker").all_inner_texts()) == set(PEOPLE)
    expect(lines.first.locator(".line-speaker")).to_have_text("Anna")
    expect(lines.first.locator(".line-text")).to_contain_text("Good morning everyone")
    texts = lines.locator(".line-text").all_text_contents()
    said = notes.locator(".sentence .said").all_text_contents()
    assert len(said) > 3
    assert [sentence for sentence in said if not any(sentence in text for text in texts)] == []


@pytest.mark.parametrize("panel", ["summary", "sentences"])
def test_receipt_is_heard_from_its_moment(meeting_page, panel):
    page = meeting_page
    sentence = page.locator(f"#panel-notes .{panel} .sentence").last
    receipt = sentence.locator("a.receipt").first
    second = start_of(receipt)
    remember_seeks(page)
    assert second > 1

    receipt.click()

    expect_to_play_from(page, second)
    expect(marked_line(page)).to_have_count(1)
    assert start_of(marked_line(page)) == second
    expect(marked_line(page).locator(".line-text")).to_contain_text(sentence.locator(".said").inner_text())
    expect(marked_line(page)).to_be_in_viewport()
    assert hear(page) > second
    heard_at = position(page)
    page.wait_for_function("([at]) => document.querySelector('#audio').currentTime > at", arg=[heard_at])


def test_sound_stands_still_when_it_is_paused(meeting_page):
    page = meeting_page
    page.locator("#notes a.receipt").first.click()
    hear(page)

    page.get_by_role("button", name="Pause").click()

    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    stood_at = position(page)
    page.evaluate(THIRTY_FRAMES)
    assert position(page) == stood_at
