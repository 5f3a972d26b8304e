"""Pages that are not for everybody: somebody else's meeting, and the administrators' own."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import sign_in


def test_stranger_is_told_nothing_about_a_meeting(new_page, faults, demo_meeting, stranger):
    page = new_page()
    faults.expect_answer(404, demo_meeting)
    page.goto(demo_meeting)

    sign_in(page, stranger.email)

    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here, or it is not yours to see")
    expect(page).to_have_url(page.url.split("?")[0])
    assert "Planning" not in page.content()


def test_administrator_is_no_reader(new_page, faults, demo_meeting, administrator):
    page = new_page()
    faults.expect_answer(403, demo_meeting)
    page.goto(demo_meeting)

    sign_in(page, administrator.email)

    expect(page.get_by_role("heading", level=1)).to_have_text("This is not open to you")
    assert "Planning" not in page.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_administrator_works_in_the_admin(new_page, administrator, scheme):
    page = new_page(color_scheme=scheme)
    page.goto("/admin/")
    sign_in(page, administrator.email)

    expect(page.get_by_text("Site administration")).to_be_visible()
    page.get_by_role("link", name="Users", exact=True).first.click()
    expect(page.get_by_role("link", name=administrator.email)).to_be_visible()
    # A menu is opened by a script, which the content security policy has to let run.
    expect(page.get_by_text("Log out")).to_be_hidden()
    page.locator("[x-on\\:click*=openUserLinks]").click()
    expect(page.get_by_text("Log out")).to_be_visible()
