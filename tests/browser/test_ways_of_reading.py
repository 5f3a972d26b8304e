"""The pages by keyboard alone, on a phone, without JavaScript, and for whom motion is too much."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.demo import DEMO_EMAIL, DEMO_PASSWORD
from tests.browser.pages import expect_to_play_from, marked_line, remember_seeks, start_of

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
MOST_TABS = 80
# A row of the list draws its outline around all of it, by what stands after it.
OUTLINES = "place => [null, '::after'].map(part => getComputedStyle(place, part).outlineStyle)"
TRANSITION = "element => getComputedStyle(element).transitionDuration"
# Where the page is, frame by frame, while a jump scrolls it.
SCROLLS = """async ({ number }) => {
    document.querySelectorAll(".line .line-time")[number].click();
    const places = new Set();
    for (let frame = 0; frame < 30; frame += 1) {
        await new Promise(requestAnimationFrame);
        places.add(scrollY);
    }
    return [...places];
}"""


def tab_to(page: Page, place: Locator) -> None:
    """Press Tab until this place has the focus, and see that the focus shows."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if place.evaluate("place => place === document.activeElement"):
            assert place.evaluate(OUTLINES) != ["none", "none"]
            return
    pytest.fail(f"{MOST_TABS} times Tab do not lead to {place}")


def test_keyboard_alone_leads_from_the_start_page_to_a_playing_receipt(new_page, demo_meeting):
    page = new_page()
    page.goto("/")

    tab_to(page, page.get_by_role("link", name="Skip to the content"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("main").get_by_role("link", name="Sign in"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("E-mail or username"))
    page.keyboard.type(DEMO_EMAIL)
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    meeting = page.locator(f".meeting-link[href='{demo_meeting}']")
    expect(meeting).to_be_visible()
    tab_to(page, meeting)
    page.keyboard.press("Enter")
    notes, actions = page.get_by_role("tab", name="Notes"), page.get_by_role("tab", name="Actions")
    expect(notes).to_be_visible()
    remember_seeks(page)
    tab_to(page, notes)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(actions).to_be_focused()
    receipt = page.locator("#panel-actions a.receipt").first
    tab_to(page, receipt)
    page.keyboard.press("Enter")

    expect_to_play_from(page, start_of(receipt))
    expect(receipt).to_be_focused()


def test_phone_shows_one_panel_at_a_time_below_a_fixed_player(new_page, demo_sign_in, demo_meeting):
    page = new_page(storage_state=demo_sign_in, **PHONE)
    page.goto(demo_meeting)
    transcript, notes = page.locator("#transcript"), page.locator("#panel-notes")
    expect(page.get_by_role("tab", name="Transcript")).to_have_attribute("aria-selected", "true")
    expect(transcript).to_be_visible()
    expect(notes).to_be_hidden()

    page.get_by_role("tab", name="Notes").tap()
    expect(notes).to_be_visible()
    expect(transcript).to_be_hidden()
    receipt = page.locator("#panel-notes .sentences a.receipt").last
    second = start_of(receipt)
    remember_seeks(page)
    receipt.tap()

    expect_to_play_from(page, second)
    expect(page.get_by_role("tab", name="Transcript")).to_have_attribute("aria-selected", "true")
    expect(marked_line(page)).to_be_in_viewport()
    expect(page.get_by_role("button", name="Pause")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["viewport"]["width"]


def test_phone_targets_are_large_enough_for_fingers(new_page, demo_sign_in, demo_meeting):
    page = new_page(storage_state=demo_sign_in, **PHONE)
    page.goto(demo_meeting)

    sizes = {
        name: place.bounding_box()
        for name, place in {
            "play": page.get_by_role("button", name="Play", exact=True),
            "mute": page.get_by_role("button", name="Mute"),
            "tab": page.get_by_role("tab", name="Notes"),
            "export": page.locator(".meeting-head summary").first,
            "menu": page.locator(".masthead summary"),
        }.items()
    }

    assert {name: box["height"] for name, box in sizes.items() if box["height"] < 44} == {}


def test_page_without_javascript_shows_transcript_and_notes(new_page, demo_meeting):
    page = new_page(java_script_enabled=False)
    page.goto(demo_meeting)
    page.get_by_label("E-mail or username").fill(DEMO_EMAIL)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect(page.locator(".line").first).to_be_visible()
    for name in ("Notes", "Decisions", "Actions", "Questions and answers"):
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    expect(page.locator("#audio")).to_have_attribute("controls", "")
    expect(page.locator("#audio")).to_be_visible()
    receipt = page.locator("#notes a.receipt").first
    expect(receipt).to_have_attribute("href", re.compile("^#line-[0-9a-f]{24}$"))
    expect(page.locator(receipt.get_attribute("href"))).to_have_count(1)


@pytest.mark.parametrize(("wish", "is_calm"), [("reduce", True), ("no-preference", False)])
def test_motion_is_left_out_for_whom_it_is_too_much(new_page, demo_sign_in, demo_meeting, wish, is_calm):
    page = new_page(storage_state=demo_sign_in, reduced_motion=wish)
    page.goto(demo_meeting)

    duration = page.locator(".line").first.evaluate(TRANSITION)
    places = page.evaluate(SCROLLS, {"number": 30})

    assert duration == ("0s" if is_calm else "0.12s")
    assert (len(places) <= 2) is is_calm
