"""Whole processes, start-up included: how long they take, and how much memory they and their children hold at once."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import psutil

from tests.databases import ROOT, environment

INTERVAL = 0.015
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Figures:
    """seconds: the median of some runs. resident, own: the most megabytes of all processes together (RSS; PSS)."""

    seconds: float
    resident: float = 0.0
    own: float = 0.0


def timed(line: Sequence[str], url: str) -> float:
    """Seconds that a process takes. Raises `RuntimeError` where it does not end well."""
    start = time.perf_counter()
    ended = subprocess.run(line, cwd=ROOT, env=environment(url), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if ended.returncode:
        raise RuntimeError(ended.stderr)
    return seconds


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


def middle(runs: Sequence[float]) -> float:
    return median(runs)
