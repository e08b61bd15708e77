"""Whole processes, start-up included: how long they take, and how much memory they and their children hold at once."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import psutil

from tests.databases import ROOT, environment

INTERVAL = 0.015
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Run:
    """Seconds by the clock that a process took, and seconds of processor time, its children's included."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Figures:
    """Medians of some runs, and the most megabytes of all processes together: RSS, and PSS (shared pages once)."""

    wall: float
    cpu: float
    rss: float = 0.0
    pss: float = 0.0

    @classmethod
    def of(cls, runs: Sequence[Run], most: tuple[float, float] = (0.0, 0.0)) -> Figures:
        return cls(median(run.wall for run in runs), median(run.cpu for run in runs), *most)


def timed(line: Sequence[str], url: str) -> Run:
    """Run a process to its end. Raises `RuntimeError` where it does not end well."""
    with tempfile.TemporaryFile("w+") as said:
        start = time.perf_counter()
        process = subprocess.Popen(line, cwd=ROOT, env=environment(url), stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(said.read())
    return Run(wall, usage.ru_utime + usage.ru_stime)


def memory(line: Sequence[str], url: str) -> tuple[float, float]:
    """The most memory in megabytes that the process and its children held at one moment: RSS, and PSS."""
    process = psutil.Popen(line, cwd=ROOT, env=environment(url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    resident = own = 0.0
    while process.poll() is None:
        rss = pss = 0.0
        try:
            for one in (process, *process.children(recursive=True)):
                found = one.memory_full_info()
                rss += found.rss
                # Pages that several processes share count once.
                pss += getattr(found, "pss", found.uss)
        except psutil.Error:
            # It ended while it was looked at.
            continue
        resident, own = max(resident, rss / 1e6), max(own, pss / 1e6)
        time.sleep(INTERVAL)
    return resident, own
