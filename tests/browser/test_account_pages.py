"""An account from its making to a forgotten password, by the pages."""

import re

from playwright.sync_api import Page, expect

from tests.browser.pages import sign_in
from tests.system.processes import RunningSystem, wait_until

FIRST, SECOND, THIRD = "a first long secret", "a second long secret", "a third long secret"


def register(page: Page, email: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("First name").fill("Dora")
    page.get_by_label("Last name").fill("Diaz")
    page.get_by_label("Phone number").fill("+34 600 000 001")
    page.get_by_label("Country").select_option("Spain")
    page.get_by_label("Password").fill(FIRST)
    page.get_by_role("button", name="Create the account").click()


def expect_home(page: Page) -> None:
    expect(page.get_by_role("heading", name="Meetings", exact=True)).to_be_visible()


def sign_out(page: Page) -> None:
    page.locator("summary", has_text="Dora").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def mailed_link(system: RunningSystem, email: str) -> str:
    """Find the mail to somebody on the console, where a demo's mail goes."""

    def look() -> str | None:
        _before, _to, mail = (system.data_dir / "logs" / "web.log").read_text().partition(f"To: {email}")
        found = re.search(r"http\S+/accounts/password/reset/\S+", mail)
        return found and found[0]

    return wait_until(look, 10, f"a mail to {email} is there")


def test_account_is_made_used_and_left(new_page):
    page = new_page()

    register(page, "dora@example.com")
    expect_home(page)
    expect(page.locator("#meetings")).to_contain_text("No meetings yet.")
    sign_out(page)
    page.goto("/app/")

    expect(page).to_have_url(re.compile("/accounts/sign-in"))


def test_wrong_password_is_refused_in_one_sentence(new_page):
    page = new_page()
    page.goto("/accounts/sign-in")

    sign_in(page, "demo@tertulia.example", "not this one")

    expect(page.get_by_role("alert")).to_have_text("No account has this e-mail or username and this password.")
    expect(page.get_by_label("E-mail or username")).to_have_value("demo@tertulia.example")


def test_changed_password_ends_the_sign_ins_elsewhere(new_page):
    here, elsewhere = new_page(), new_page()
    register(here, "dora2@example.com")
    elsewhere.goto("/accounts/sign-in")
    sign_in(elsewhere, "dora2@example.com", FIRST)
    expect_home(elsewhere)

    here.locator("summary", has_text="Dora").click()
    here.get_by_role("link", name="My account").click()
    here.get_by_role("link", name="Change the password").click()
    here.get_by_label("Old password").fill(FIRST)
    here.get_by_label("New password").fill(SECOND)
    here.get_by_role("button", name="Change the password").click()
    expect(here.get_by_role("heading", name="Password saved")).to_be_visible()

    here.get_by_role("link", name="To your meetings").click()
    expect_home(here)
    elsewhere.goto("/app/")
    expect(elsewhere).to_have_url(re.compile("/accounts/sign-in"))
    sign_in(elsewhere, "dora2@example.com", SECOND)
    expect_home(elsewhere)


def test_forgotten_password_is_set_by_a_mailed_link_that_works_once(new_page, system):
    page = new_page()
    register(page, "dora3@example.com")
    expect_home(page)
    sign_out(page)

    page.goto("/accounts/sign-in")
    page.get_by_role("link", name="Forgot the password?").click()
    page.get_by_label("E-mail").fill("dora3@example.com")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    link = mailed_link(system, "dora3@example.com")
    page.goto(link)
    page.get_by_label("New password").fill(THIRD)
    page.get_by_role("button", name="Save the new password").click()
    expect(page.get_by_role("heading", name="Password saved")).to_be_visible()

    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    sign_in(page, "dora3@example.com", THIRD)
    expect_home(page)
    page.goto(link)
    expect(page.get_by_role("heading", name="This link is no longer good")).to_be_visible()
