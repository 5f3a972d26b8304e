"""The operations of the REST contract, and those that the server describes in its OpenAPI document."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from drf_spectacular.generators import SchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")

# Every operation of the contract; what stands in braces is an id.
CONTRACT = (Path(__file__).parent / "operations.txt").read_text().splitlines()


@cache
def document() -> dict[str, Any]:
    """Give the OpenAPI document."""
    return SchemaGenerator().get_schema(request=None, public=True)


def described() -> dict[str, dict[str, Any]]:
    """Give what the document says of each operation, by method and path without the names of ids."""
    return {
        f"{method.upper()} {unnamed(path)}": operation
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
        if method in METHODS
    }


def unnamed(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)
