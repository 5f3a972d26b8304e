"""The page of a room: files go up with progress, come down and go; people come in by the door."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import sign_in

BYTES_PER_SECOND = 200_000
TEXT = b"Only a few words.\n"


def slow_down(page: Page) -> None:
    """Make the line as slow as a poor one, so that an upload takes its time."""
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": BYTES_PER_SECOND},
    )


def file(name: str, content: bytes = TEXT) -> dict:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def choose(page: Page, chosen: dict) -> None:
    page.get_by_label("File", exact=True).set_input_files(chosen)


def upload(page: Page) -> None:
    page.get_by_role("button", name="Upload", exact=True).click()


def make_room(page: Page, name: str, *, is_private: bool = False) -> str:
    """Make a room on the page of rooms; give the path of its own."""
    page.goto("/app/rooms")
    page.get_by_label("name").fill(name)
    page.get_by_label("private").set_checked(is_private)
    page.get_by_role("button", name="Make the room").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    return re.search(r"/app/rooms/[0-9a-f]{24}", page.url)[0]


@pytest.fixture
def host_page(new_page, demo_sign_in) -> Page:
    return new_page(storage_state=demo_sign_in)


def test_file_goes_up_with_progress_comes_down_and_goes(host_page):
    page = host_page
    make_room(page, "Planning")
    slow_down(page)
    content = TEXT * 30_000
    choose(page, file("Отчёт за май.txt", content))

    upload(page)
    expect(page.locator("#upload-percent")).to_have_text(re.compile(r"^[1-9]\d?%$"))
    expect(page.locator("#upload-facts")).to_have_text(re.compile(r"^\d.* of \d"))
    link = page.get_by_role("link", name="Отчёт за май.txt")
    expect(link).to_be_visible()
    with page.expect_download() as begun:
        link.click()
    page.get_by_text("Delete…").first.click()
    page.get_by_role("button", name="Delete Отчёт за май.txt").click()

    assert begun.value.suggested_filename == "Отчёт за май.txt"
    assert begun.value.path().read_bytes() == content
    expect(page.get_by_text("No files yet.")).to_be_visible()


def test_refusal_is_said_and_the_next_file_taken(host_page, faults):
    page = host_page
    path = make_room(page, "Refusals").replace("/app/rooms/", "/room/")
    faults.expect_answer(415, f"{path}/upload")
    choose(page, file("a.pdf"))

    upload(page)
    expect(page.get_by_role("alert")).to_have_text("The file is not what its ending says: rename it and send it again.")
    choose(page, file("a.txt"))
    upload(page)

    expect(page.get_by_role("link", name="a.txt")).to_be_visible()


def test_stopped_upload_leaves_nothing(host_page, faults):
    page = host_page
    path = make_room(page, "Stopped").replace("/app/rooms/", "/room/")
    faults.expect_abort(f"{path}/upload")
    slow_down(page)
    choose(page, file("long.txt", TEXT * 60_000))

    upload(page)
    page.wait_for_function("() => document.querySelector('#upload-bar').value > 0")
    page.get_by_role("button", name="Stop the upload").click()

    expect(page.get_by_role("alert")).to_have_text("Upload stopped. Nothing was kept on the server.")
    page.reload()
    expect(page.get_by_text("No files yet.")).to_be_visible()


def test_file_goes_up_without_javascript(new_page, demo_sign_in):
    page = new_page(storage_state=demo_sign_in, java_script_enabled=False)
    make_room(page, "Plain")
    choose(page, file("plain.txt"))

    upload(page)

    expect(page.get_by_role("link", name="plain.txt")).to_be_visible()


def test_link_for_guests_is_copied(new_page, demo_sign_in):
    page = new_page(storage_state=demo_sign_in, permissions=["clipboard-read", "clipboard-write"])
    make_room(page, "Guests")
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("code").inner_text()

    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()

    assert "?invite=" in link
    assert page.evaluate("navigator.clipboard.readText()") == link


def test_link_for_guests_is_selected_where_it_may_not_be_copied(new_page, demo_sign_in):
    page = new_page(storage_state=demo_sign_in)
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('refused'))")
    make_room(page, "Guests")
    page.get_by_role("button", name="Make a link").click()

    page.get_by_role("button", name="Copy").click()
    page.wait_for_function("() => getSelection().toString() === document.querySelector('code').innerText")

    expect(page.get_by_role("button", name="Copy", exact=True)).to_be_visible()


def test_stranger_waits_before_the_door_until_the_host_opens(host_page, new_page, stranger):
    host, guest = host_page, new_page()
    path = make_room(host, "Interviews", is_private=True)
    guest.goto(path.replace("/app/rooms/", "/r/"))
    sign_in(guest, stranger.email)
    expect(guest.get_by_role("heading", level=1)).to_have_text("A private room")

    guest.get_by_role("button", name="Ask to be let in").click()
    expect(guest.get_by_role("status")).to_contain_text("The hosts see that you wait.")
    # The page of the host asks by itself who waits.
    host.get_by_role("button", name="Let in Stranger Tester").click()
    expect(host.get_by_text("Nobody waits.")).to_be_visible()
    # So does the page of whoever waits.
    expect(guest.get_by_role("status")).to_have_text("You are let in.", timeout=15_000)
    guest.get_by_role("button", name="Enter the room").click()

    expect(guest.get_by_role("heading", level=1)).to_have_text("Interviews")
    expect(guest).to_have_url(re.compile(f"{path}$"))
