"""One round: a contender under load for some seconds, and what that cost whom."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from bench.rest.contenders import ROOT, Contender, cpu_seconds
from bench.rest.given import Given


@dataclass(frozen=True)
class Round:
    """What one contender did; `…_busy` are shares of a core."""

    rate: float
    cpu_ms: float
    p50: float
    p99: float
    server_busy: float
    load_busy: float
    services_busy: float


def measure(
    contender: Contender,
    asked: Given,
    services: Sequence[psutil.Process],
    *,
    core: int,
    connections: int,
    seconds: float,
) -> Round:
    before, served = cpu_seconds([contender.process]), cpu_seconds(services)
    said = _load(str(core), str(contender.port), asked.path, asked.token, str(connections), str(seconds))
    used = cpu_seconds([contender.process]) - before
    return Round(
        rate=said["requests"] / said["seconds"],
        cpu_ms=used / said["requests"] * 1000,
        p50=said["p50"],
        p99=said["p99"],
        server_busy=used / said["seconds"],
        load_busy=said["cpu"] / said["seconds"],
        services_busy=(cpu_seconds(services) - served) / said["seconds"],
    )


def _load(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.rest.load", *arguments]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"the load failed: {ran.stderr}")
    said: dict[str, Any] = json.loads(ran.stdout)
    return said
