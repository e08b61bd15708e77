"""A hundred decisions on one pattern from stale instances: in each round one wins, and the log agrees."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys

from tests.databases import ROOT, environment, throw_away_database

THREADS, ROUNDS = 10, 10


def test_of_a_hundred_decisions_from_stale_instances_exactly_one_wins_each_time() -> None:
    # A process and a database of its own: threads need connections that see each other's commits.
    with throw_away_database(os.environ.get("DATABASE_URL", "")) as url:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.workflow.racing", str(THREADS), str(ROUNDS)],
            cwd=ROOT,
            env=environment(url),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["outcomes"] == [{"won": 1, "stale": THREADS - 1}] * (ROUNDS + 1)
    assert [number for number, _, _ in said["events"]] == list(range(1, ROUNDS + 2))
    assert all(before[2] == after[1] for before, after in itertools.pairwise(said["events"]))
    assert said["events"][-1][2] == said["status"]
    assert said["events_so_far"] == ROUNDS + 1
    assert said["revisions"] == ROUNDS + 2
    assert said["is_public"] == (said["status"] == "published")
    assert said["rows_agree"]
