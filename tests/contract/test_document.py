"""The OpenAPI document describes everything that the server does, and nothing of the contract is missing."""

import pytest
from django.core.management import call_command

from config.pending import PENDING, PENDING_FORMS
from tests.contract.operations import CONTRACT, described, document, unnamed

# In which forms the contract has what is read.
FORMS = {
    "/view-transcript/{}": ("json", "txt", "srt", "vtt", "docx", "pdf"),
    "/meeting/{}/summary": ("json", "md", "docx", "pdf"),
}


def test_document_is_made_without_a_warning(capsys):
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json")

    assert capsys.readouterr().err == ""


def test_every_operation_of_the_contract_is_there_or_said_to_come():
    pending = {f"{method} {unnamed(path)}" for method, path in PENDING}

    assert set(CONTRACT) - set(described()) == pending


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path"), [*PENDING, *(("GET", f"{path}?format={form}") for path, form in PENDING_FORMS)]
)
def test_what_is_to_come_answers_501(api, owner, method, path):
    api.force_authenticate(owner)

    answer = api.generic(method, path.replace("{", "").replace("}", ""))

    assert (answer.status_code, answer.json()) == (
        501,
        {
            "success": False,
            "message": "This server does not offer this operation yet.",
            "code": "not_implemented",
        },
    )


@pytest.mark.parametrize("path", sorted({path for _, path in PENDING}))
def test_other_methods_of_a_path_that_is_to_come_answer_405(api, path):
    to_come = {method for method, pending in PENDING if pending == path}
    others = {"GET", "POST", "PUT", "PATCH", "DELETE"} - to_come

    answers = [api.generic(method, path.replace("{", "").replace("}", "")) for method in sorted(others)]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(405, "method_not_allowed")}
    assert {*answers[0]["Allow"].split(", ")} == to_come


def test_forms_of_the_contract_are_written_or_said_to_come():
    pending = {(unnamed(path), form) for path, form in PENDING_FORMS}

    written = {
        (unnamed(path), form)
        for path, operations in document()["paths"].items()
        for parameter in operations.get("get", {}).get("parameters", [])
        if parameter["name"] == "format"
        for form in parameter["schema"]["enum"]
        if form
    }

    assert not pending & written
    assert pending | written == {(path, form) for path, forms in FORMS.items() for form in forms}


@pytest.mark.parametrize("name", sorted(described()))
def test_operation_has_a_name_a_summary_and_examples(name):
    operation = described()[name]

    assert operation["operationId"].isidentifier()
    assert operation["tags"]
    assert operation["summary"]
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    kinds = [kind for body in bodies for kind in body.get("content", {}).values()]
    answered = [status for status in operation["responses"] if status.startswith("2")]
    assert answered
    for kind in kinds:
        is_refusal = kind.get("schema", {}).get("$ref", "").endswith("/Refusal")
        is_binary = kind.get("schema", {}).get("format") == "binary"
        assert is_refusal or is_binary or "examples" in kind or "example" in kind, kind


def test_operations_have_different_names():
    names = [operation["operationId"] for operation in described().values()]

    assert sorted(names) == sorted(set(names))


def test_document_and_its_page_are_served(client):
    answer, page = client.get("/api/schema"), client.get("/api/docs")

    assert answer.json()["openapi"].startswith("3.1")
    assert answer.json()["paths"].keys() == document()["paths"].keys()
    assert "swagger-ui" in page.text
    assert "cdn" not in page.text


@pytest.mark.django_db
def test_document_may_be_kept_from_the_public(client, settings, owner):
    settings.DOCS_PUBLIC = False

    closed, page = client.get("/api/schema"), client.get("/api/docs")
    client.force_login(owner)
    opened = client.get("/api/schema")

    assert (closed.status_code, page.status_code, opened.status_code) == (401, 302, 200)
