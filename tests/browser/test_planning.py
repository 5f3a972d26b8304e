"""A meeting from its planning to its end, and somebody who is let in to read it."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import sign_in
from tests.system.processes import RunningSystem, wait_until


def mail_to(system: RunningSystem, email: str, subject: str) -> str:
    """Find the mail to somebody on the console, where a demo's mail goes; the worker sends it."""

    def look() -> str | None:
        log = (system.data_dir / "logs" / "worker.log").read_text()
        mails = [mail for mail in log.split("-" * 79) if f"To: {email}" in mail and f"Subject: {subject}" in mail]
        return mails[-1] if mails else None

    return wait_until(look, 30, f"the mail “{subject}” to {email} is there")


def plan(page: Page, title: str, invited: str) -> None:
    page.goto("/app/")
    page.get_by_role("link", name="New meeting").click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Day").fill("2030-03-14")
    page.get_by_label("Time", exact=True).fill("16:00")
    page.get_by_label("Length, min").fill("45")
    page.get_by_label("Invited").fill(invited)
    page.get_by_role("button", name="Make the meeting").click()


@pytest.mark.usefixtures("demo_meeting")  # Until the demo is recognised the worker has no hand free for mail.
def test_meeting_is_planned_changed_and_called_off(new_page, faults, demo_sign_in, system):
    page = new_page(storage_state=demo_sign_in, timezone_id="Europe/Madrid")

    plan(page, "Spring plans", "anna@example.com")
    expect(page.get_by_role("heading", name="Spring plans")).to_be_visible()
    # Nobody chose a zone: it is the browser's.
    expect(page.get_by_text("14 Mar 2030, 16:00 (Europe/Madrid)")).to_be_visible()
    expect(page.get_by_text("anna@example.com")).to_be_visible()
    invitation = mail_to(system, "anna@example.com", "Invitation: Spring plans")

    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Time", exact=True).fill("17:30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("14 Mar 2030, 17:30 (Europe/Madrid)")).to_be_visible()
    change = mail_to(system, "anna@example.com", "Changed: Spring plans")

    page.goto("/app/meetings?q=spring")
    page.get_by_role("link", name="Spring plans").click()
    faults.expect_answer(400, f"{urlsplit(page.url).path}/delete")
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Title of the meeting").fill("Spring")
    page.get_by_role("button", name="Delete the meeting").click()
    expect(page.get_by_text("This is not the title of the meeting.")).to_be_visible()
    page.get_by_label("Title of the meeting").fill("Spring plans")
    page.get_by_role("button", name="Delete the meeting").click()
    expect(page.get_by_role("heading", name="All meetings")).to_be_visible()
    expect(page.get_by_role("link", name="Spring plans")).to_have_count(0)
    mail_to(system, "anna@example.com", "Called off: Spring plans")

    assert "METHOD:REQUEST" in invitation
    assert re.search(r"DTSTART:20300314T150000Z\s", invitation)
    assert re.search(r"DTSTART:20300314T163000Z\s", change)
    assert re.search(r"SEQUENCE:1\s", change)


def test_reader_is_let_in_and_shut_out_again(new_page, faults, demo_sign_in, demo_meeting, stranger):
    faults.expect_answer(404, demo_meeting)
    host, reader = new_page(storage_state=demo_sign_in), new_page()
    reader.goto(demo_meeting)
    sign_in(reader, stranger.email)
    expect(reader.get_by_role("heading", level=1)).to_have_text("There is nothing here, or it is not yours to see")

    host.goto(demo_meeting)
    host.locator("summary", has_text="More").click()
    host.get_by_role("link", name="Access").click()
    host.get_by_label("E-mail").fill(stranger.email)
    expect(host.get_by_label("Read and listen")).to_be_checked()
    host.get_by_role("button", name="Give access").click()
    person = host.locator("#people li", has_text=stranger.email)
    expect(person).to_contain_text("Given by")
    reader.goto(demo_meeting)
    expect(reader.locator(".line").first).to_be_visible()
    # To read is not to download, nor to let others in.
    expect(reader.locator(".meeting-head summary")).to_have_count(0)

    person.get_by_role("button", name="Take back").click()
    expect(person).to_have_count(0)
    reader.goto(demo_meeting)
    expect(reader.get_by_role("heading", level=1)).to_have_text("There is nothing here, or it is not yours to see")
