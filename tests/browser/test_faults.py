"""That a page with an error fails its test is what every other test here relies on."""

SPOIL = """() => {
    console.error("said");
    setTimeout(() => { throw new Error("thrown"); });
    fetch("/no-such-page");
    fetch("/broken-off").catch(() => {});
}"""


def test_faults_of_every_kind_are_noticed(new_page, faults):
    page = new_page()
    page.goto("/")
    page.route("**/broken-off", lambda route: route.abort("connectionreset"))

    with (
        page.expect_event("pageerror"),
        page.expect_event("requestfailed"),
        page.expect_event("response"),
        # What the console says of the missing page comes last.
        page.expect_console_message(lambda message: "404" in message.text),
        page.expect_console_message(lambda message: "RESET" in message.text),
    ):
        page.evaluate(SPOIL)

    kinds = {fault.split(":")[0] for fault in faults.found}
    faults.found.clear()
    assert kinds == {"console", "script", "request", "answer"}


def test_expected_faults_are_no_faults(new_page, faults):
    page = new_page()
    faults.expect_answer(404, "/no-such-page")

    page.goto("/no-such-page")

    assert faults.found == []
