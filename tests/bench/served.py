"""Settings of a deployment, with its static files where BENCH_STATIC says."""

import os
from pathlib import Path

from commons.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["BENCH_STATIC"])
