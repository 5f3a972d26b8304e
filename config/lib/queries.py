"""What the queries of the hottest paths are made of."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

Row = tuple[Any, ...]


class Iso(models.Func):
    """A time as ISO 8601 in UTC with milliseconds, written by the database: making objects of thousands of times and
    texts of these again would take longer than all else about their rows."""

    template = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
    output_field = models.TextField()


class Slot(models.Expression):
    """Stands in a prepared query for a value that is known only when it is asked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class Prepared:
    """A query for tuples (`values_list`) that is written once: for a small one, writing takes the ORM several times as
    long as all the rest.

    It is given as a function, called at the first use.
    """

    def __init__(self, make: Callable[[], models.QuerySet[Any, Row]]) -> None:
        self._make = make

    def fetch(self, **values: Any) -> list[Row]:
        """Ask it, with a value as the database takes it for each slot by the slot's name."""
        written = self._written
        params = [values[param.name] if isinstance(param, Slot) else param for param in written.params]
        with connection.cursor() as cursor:
            cursor.execute(written.sql, params)
            rows: list[Row] = cursor.fetchall()
        if not written.converters:
            return rows
        return [tuple(row) for row in written.compiler.apply_converters(rows, written.converters)]

    @cached_property
    def _written(self) -> "_Written":
        compiler = self._make().query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        return _Written(sql, params, compiler, compiler.get_converters([column for column, *_ in compiler.select]))


class _Written(NamedTuple):
    sql: str
    params: Row
    compiler: SQLCompiler
    # What fields do to values from the database, by the number of the column; seldom anything.
    converters: dict[int, Any]
