"""One run of the system: what starts in which order, when it counts as ready, and how it ends."""

import os
import sys
from collections.abc import Callable
from functools import partial
from types import ModuleType

from config.env import env_str
from config.lib.embedded import Layout, ensure_secrets, locate, make_folders
from config.lib.embedded.postgres import describe_place
from config.lib.embedded.services import hold_lock, owned_elsewhere, serve_lock, start_lock, wanted_services
from config.lib.errors import DomainError
from config.lib.supervise import Child, StopRequested, Supervisor, end_strays, last_line, write_atomically
from config.serve import programs
from config.serve.endpoints import Endpoints, choose_endpoints, read_health
from config.serve.errors import ServeError
from config.serve.options import Options

SERVICE_SECONDS = 60.0
READY_SECONDS = 120.0
# A program that dies this often before the system is ready will not start at all.
HOPELESS_DEATHS = 3
# Somebody who only looks whether we run holds the lock for an instant.
LOCK_SECONDS = 1.0
PROGRAM_NAMES = ("web", "web-tls", "worker")


def run(options: Options) -> int:
    """Run until somebody asks to stop; return the exit code."""
    try:
        layout = make_folders(options.data_dir)
        ensure_secrets(options.data_dir)
        with hold_lock(serve_lock(layout), seconds=LOCK_SECONDS) as is_ours:
            if not is_ours:
                raise ServeError(
                    f"Tertulia already runs on {layout.data_dir}: stop it first, or choose another folder with --data."
                )
            end_strays(layout.run_dir)
            System(options, layout).run()
    except DomainError as error:
        print(error.message, file=sys.stderr, flush=True)  # noqa: T201
        return 1
    except (StopRequested, KeyboardInterrupt):
        pass
    return 0


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


class System:
    """The children of one run."""

    def __init__(self, options: Options, layout: Layout) -> None:
        self.options = options
        self.layout = layout
        self.endpoints: Endpoints = choose_endpoints(options, layout)
        self.env = os.environ | {
            "DATA_DIR": str(layout.data_dir),
            "DEMO": "True" if options.demo else env_str("DEMO", "False"),
            # A traceback of the last moment must not be lost in a buffer.
            "PYTHONUNBUFFERED": "1",
        }
        self.supervisor = Supervisor(layout.run_dir)

    def run(self) -> None:
        """Start everything, say so, and supervise until somebody asks to stop.

        Raises: StopRequested, DomainError.
        """
        try:
            self._record_addresses()
            self._start_services()
            self._migrate()
            self._start_programs()
            if self.options.demo and self._manage("make_demo") != 0:
                say(f"The demo could not be made; see {self.layout.logs_dir / 'make_demo.log'}")
            for note in filter(None, (*self.endpoints.notes, describe_place(locate(self.layout.data_dir)))):
                say(note)
            say(f"Tertulia is ready at {self.endpoints.public_url}")
            self.supervisor.run_forever()
        finally:
            self.supervisor.stop(PROGRAM_NAMES)

    def _record_addresses(self) -> None:
        """Write down our addresses for the settings of every command; the main one unless they name it."""
        write_atomically(self.layout.origins_file, "".join(f"{origin}\n" for origin in self.endpoints.origins))
        if env_str("PUBLIC_URL"):
            self.layout.public_url_file.unlink(missing_ok=True)
        else:
            write_atomically(self.layout.public_url_file, f"{self.endpoints.public_url}\n")

    def _start_services(self) -> None:
        with hold_lock(start_lock(self.layout)):
            for service in wanted_services(database=not env_str("DATABASE_URL"), redis=not env_str("REDIS_URL")):
                self._start_service(service)

    def _start_service(self, service: ModuleType) -> None:
        """Start a part, or use the one that a command at work has started until that command ends it."""
        program = service.prepare(self.layout)
        layout = locate(self.layout.data_dir)
        child = Child(program, prepare=partial(service.tidy, layout), is_heard=False)
        process = owned_elsewhere(layout, service.NAME)
        if process:
            self.supervisor.adopt(child, process)
        else:
            self.supervisor.add(child)
        self._wait_for(partial(service.is_answering, layout), SERVICE_SECONDS)

    def _manage(self, *arguments: str) -> int:
        return self.supervisor.run(programs.manage(arguments, self.layout, self.env))

    def _migrate(self) -> None:
        if self._manage("migrate", "--no-input", "--verbosity", "0") != 0:
            log = self.layout.logs_dir / "migrate.log"
            raise ServeError(f"The database could not be brought up to date: {last_line(log)} ({log})")

    def _start_programs(self) -> None:
        for endpoint in self.endpoints.all:
            self.supervisor.add(Child(programs.web(endpoint, self.layout, self.env)))
        self.supervisor.add(Child(programs.worker(self.layout, self.env)))
        self._wait_for(lambda: read_health(self.endpoints.plain) == {}, READY_SECONDS)

    def _wait_for(self, condition: Callable[[], bool], seconds: float) -> None:
        """Wait until the condition holds, as long as that can be hoped for.

        Raises: StopRequested, ServeError.
        """
        is_over = self.supervisor.run_until(lambda: condition() or self._find_hopeless() is not None, seconds)
        hopeless = self._find_hopeless()
        if hopeless:
            log = hopeless.program.log
            raise ServeError(f"{hopeless.program.name} does not start; its last words were: {last_line(log)} ({log})")
        if not is_over:
            missing = read_health(self.endpoints.plain) or {"web": "does not answer"}
            reasons = "; ".join(f"{name}: {answer}" for name, answer in missing.items())
            raise ServeError(f"Not ready after {seconds:.0f} s ({reasons}); see {self.layout.logs_dir}")

    def _find_hopeless(self) -> Child | None:
        return next((child for child in self.supervisor.children if child.deaths >= HOPELESS_DEATHS), None)
