"""The command line of `serve`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.env import env_path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DEFAULT_DATA_DIR = BASE_DIR / "var"


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    host: str
    port: int
    data_dir: Path
    demo: bool
    tls: str


def data_dir() -> Path:
    """Return the data folder that the environment names, else the one in the project."""
    return env_path("DATA_DIR", DEFAULT_DATA_DIR)


def read_port(text: str) -> int:
    """Read a port; the resolver would cut a larger number down to some other port."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no port: choose one from 1 to 65535")
    return int(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=read_port, default=8000, help="port to listen on (default %(default)s)")
    parser.add_argument(
        "--data",
        type=Path,
        default=data_dir(),
        metavar="DIR",
        help="folder that holds everything, made when it is missing (default: DATA_DIR, else var)",
    )
    parser.add_argument("--demo", action="store_true", help="make the demo user and the demo meeting")
    parser.add_argument(
        "--tls",
        default="",
        metavar="auto|CERT,KEY",
        help="HTTPS on --host and --port, and plain HTTP for this machine alone on the next free port; `auto` makes a "
        "certificate authority below the data folder, which other devices have to trust",
    )


def read_options(found: argparse.Namespace) -> Options:
    return Options(found.host, found.port, found.data.expanduser().resolve(), found.demo, found.tls)


def parse_options(argv: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="manage.py serve",
        description="Run the whole system, until SIGTERM or ctrl-C.",
    )
    add_arguments(parser)
    return read_options(parser.parse_args(argv))
