"""Every page in light and dark: nothing serious for axe, nothing wider than a phone, and a picture of the main ones."""

import os
import shutil
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.pages import start_of

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
CLOSED = "/m/000000000000000000000000"
PHONE_WIDTH = 390

# name: path, whether one has to be signed in, what is clicked before looking
PAGES = {
    "start": ("/", False, []),
    "sign-in": ("/accounts/sign-in", False, []),
    "register": ("/accounts/register", False, []),
    "register-refused": ("/accounts/register", False, ["form button[type=submit]"]),
    "reset": ("/accounts/password/reset", False, []),
    "reset-sent": ("/accounts/password/reset/sent", False, []),
    "reset-over": ("/accounts/password/reset/none/none", False, []),
    "account": ("/app/account", True, []),
    "account-saved": ("/app/account", True, ["#profile button[type=submit]"]),
    "password": ("/accounts/password", True, []),
    "home": ("/app/", True, ["header summary"]),
    "import": ("/app/import", True, []),
    "import-refused": ("/app/import", True, ["#upload-start"]),
    "meeting": ("MEETING", True, [".line .line-text >> nth=3"]),
    "meeting-decisions": ("MEETING", True, ["#tab-decisions"]),
    "meeting-actions": ("MEETING", True, ["#tab-actions", ".meeting-head summary >> nth=0"]),
    "meeting-questions": ("MEETING", True, ["#tab-qna"]),
    "meeting-keys": ("MEETING", True, ["[data-open-keys]"]),
    "meeting-access": ("MEETING/access", True, []),
    "meeting-settings": ("MEETING/settings", True, []),
    "meetings": ("/app/meetings?q=planning", True, []),
    "meeting-new": ("/app/meetings/new", True, []),
    "rooms": ("/app/rooms", True, []),
    "rooms-refused": ("/app/rooms", True, ["form.form button[type=submit]"]),
    "webhooks": ("/app/webhooks", True, []),
    "webhooks-refused": ("/app/webhooks", True, ["form.form button[type=submit]"]),
    "closed": (CLOSED, True, []),
}
PICTURES = {"start", "sign-in", "home", "import", "meeting", "account"}


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical: rule and place."""
    found = Axe().run(page)
    assert found["passes"], "axe has looked at nothing"
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def colour_of(page: Page, name: str) -> str:
    return page.locator("html").evaluate(f"html => getComputedStyle(html).{name}")


@pytest.mark.parametrize("name", PAGES)
def test_page_suits_everybody(new_page, demo_sign_in, demo_meeting, faults, tmp_path, name):
    path, is_signed_in, clicks = PAGES[name]
    faults.expect_answer(404, CLOSED)
    # Colours on their way to other colours would be measured, too.
    page = new_page(reduced_motion="reduce", **({"storage_state": demo_sign_in} if is_signed_in else {}))
    page.goto(path.replace("MEETING", demo_meeting))
    for selector in clicks:
        page.locator(selector).click()
    papers = set()

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        papers.add(colour_of(page, "backgroundColor"))
        assert serious(page) == [], scheme
        if name in PICTURES:
            # Without "initial" the caret is hidden by a style that the content security policy refuses.
            page.screenshot(path=tmp_path / f"{name}-{scheme}.png", caret="initial")

    assert len(papers) == 2
    page.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE_WIDTH


def test_axe_finds_what_is_wrong(demo_page):
    demo_page.goto("/app/")
    demo_page.locator("h1").evaluate(
        "heading => heading.insertAdjacentHTML('afterend', '<img src=\"data:,\"><button></button>')"
    )

    found = serious(demo_page)

    assert {line.split(":")[0] for line in found} == {"image-alt", "button-name"}


def test_picture_for_the_readme(new_page, demo_sign_in, demo_meeting, tmp_path):
    """With UPDATE_IMAGES in the environment the picture in the documentation is replaced."""
    page = new_page(storage_state=demo_sign_in, reduced_motion="reduce")
    page.goto(demo_meeting)
    line = page.locator(".line").nth(4)
    page.goto(f"{page.url}#t={start_of(line)}")
    expect(line).to_have_attribute("aria-current", "true")
    page.evaluate("scrollTo(0, 0)")
    picture = tmp_path / "meeting.png"

    page.screenshot(path=picture, caret="initial", animations="disabled")

    assert picture.read_bytes().startswith(b"\x89PNG")
    if os.environ.get("UPDATE_IMAGES"):
        IMAGES.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, IMAGES / picture.name)
