"""Supervision of named child processes."""

from config.lib.supervise.logs import last_line
from config.lib.supervise.process import (
    Account,
    Identity,
    Program,
    Record,
    end_process,
    end_strays,
    identify,
    read_record,
    record_path,
    spawn,
    wait_until_gone,
    write_atomically,
)
from config.lib.supervise.supervisor import Child, StopRequested, Supervisor

__all__ = [
    "Account",
    "Child",
    "Identity",
    "Program",
    "Record",
    "StopRequested",
    "Supervisor",
    "end_process",
    "end_strays",
    "identify",
    "last_line",
    "read_record",
    "record_path",
    "spawn",
    "wait_until_gone",
    "write_atomically",
]
