"""The pictures of docs/pages.md, made anew from a site that runs: `python -m tests.screenshots ADDRESS`.

One WebP for each page: desktop and phone, above in light, below in dark. `example` is the library that `make run`
serves, `commons` one with the patterns of commons.engineering. `--only WORD …` takes some of the pages, `--to FOLDER`
puts them elsewhere. For the page where nothing is, the site has to run without DEBUG. Needs Chromium.

A few pages show what only somebody at the desk brings about: do it there, and say where it is to be seen, as
`--at preview=/preview/…/ gone=/patterns/cash-deposit/ history=/patterns/tool-library/#provenance`.
"""

from __future__ import annotations

import argparse
import sys
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.in_browser.conftest import chromium

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "images"

PAGES: Final[dict[str, dict[str, str]]] = {
    "example": {
        "home": "/",
        "browse": "/browse/",
        "narrowed": "/browse/?domain=hosting&confidence=2",
        "pattern": "/patterns/tool-library/",
        "assessment": "/patterns/tool-library/#assessment",
        "relationships": "/patterns/tool-library/#related",
        "garden": "/patterns/repair-cafe-evening/#garden",
        "cite": "/patterns/tool-library/#formats",
        "deprecated": "/patterns/cash-deposit/",
        "words": "/patterns/tool-library/?audience=tech",
        "navigator": "/navigator/",
        "terms": "/communities/",
        "domain": "/domains/lending/",
        "collection": "/collections/shared-workshop-safety/",
        "contributor": "/contributors/mira-host/",
        "entity": "/entities/elinor-ostrom/",
        "community": "/communities/community-repair/",
        "search": "/search/?q=borrow+tools",
        "misspelt": "/search/?q=tol+libary",
        "nothing": "/search/?q=xylograph",
        "ask": "/search/",
        "map": "/map/",
        "chosen": "/map/#tool-library",
        "list": "/map/list/",
        "path": "/path/?from=shadow-board&to=repair-cafe-evening",
        "unconnected": "/path/?from=from-bench-to-ballot&to=repair-cafe-evening&kind=tools",
        "recent": "/recent/",
        "about": "/about/",
        "api": "/api/",
        "missing": "/patterns/tool-libary/",
    },
    "commons": {
        "home": "/",
        "browse": "/browse/?sort=vitality",
        "narrowed": "/browse/?domain=business&confidence=2",
        "pattern": "/patterns/outsourced-value-chain-coordination/",
        "assessment": "/patterns/aging-identity-evolution/#assessment",
        "relationships": "/patterns/graduated-sanctions/#related",
        "garden": "/patterns/aging-identity-evolution/#garden",
        "cite": "/patterns/graduated-sanctions/#formats",
        "words": "/patterns/graduated-sanctions/?audience=tech",
        "navigator": "/navigator/",
        "terms": "/domains/",
        "domain": "/domains/governance/",
        "collection": "/collections/bmn-gassmann/",
        "contributor": "/contributors/higgerix/",
        "entity": "/entities/systems-thinking/",
        "community": "/communities/business-model-innovation/",
        "search": "/search/?q=shared+ownership",
        "misspelt": "/search/?q=comons+goverance",
        "nothing": "/search/?q=xylograph",
        "ask": "/search/",
        "map": "/map/",
        "chosen": "/map/#graduated-sanctions",
        "list": "/map/list/",
        "path": "/path/?from=gap-analysis&to=graduated-sanctions",
        "unconnected": "/path/?from=gap-analysis&to=private-information-retrieval-pir",
        "recent": "/recent/",
        "about": "/about/",
        "api": "/api/",
        "missing": "/patterns/gap-analisis/",
    },
}

BROUGHT_ABOUT: Final = ("history", "gone", "preview")
"""Pages of what happened at the desk: a pattern with several publications, one taken back, a link to a preview."""

SCREENS: Final[dict[str, dict[str, Any]]] = {
    "desktop": {"viewport": {"width": 1280, "height": 844}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
HEIGHT: Final = 500
"""Pixels of a screen in the picture: its text can still be read, and all pictures together stay at about 4 MB."""

GAP: Final = 12
BEHIND: Final = "#8b8f96"
QUALITY: Final = 38

Scheme = Literal["light", "dark"]


def shot(browser: Browser, address: str, screen: str, scheme: Scheme) -> Image.Image:
    """What is seen of a page without scrolling, once it rests."""
    context = browser.new_context(**SCREENS[screen], color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    if page.locator("#map").count():
        page.locator("#map.is-drawn").wait_for()
        # Names are written when it has rested for a while.
        page.wait_for_timeout(500)
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    context.close()
    return picture.resize((round(picture.width * HEIGHT / picture.height), HEIGHT), Image.Resampling.LANCZOS)


def sheet(rows: list[list[Image.Image]]) -> Image.Image:
    """Pictures of one height in rows, with gaps between them and around."""
    width = max(sum(picture.width + GAP for picture in row) for row in rows) + GAP
    whole = Image.new("RGB", (width, len(rows) * (HEIGHT + GAP) + GAP), BEHIND)
    for number, row in enumerate(rows):
        left = GAP
        for picture in row:
            whole.paste(picture, (left, GAP + number * (HEIGHT + GAP)))
            left += picture.width + GAP
    return whole


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="Of the site, as http://127.0.0.1:8000")
    parser.add_argument("--library", choices=PAGES, default="example")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="Only these of its pages.")
    parser.add_argument("--at", nargs="+", metavar="WORD=PATH", default=[], help="Where a page is, for these alone.")
    parser.add_argument("--to", type=Path, default=FOLDER, metavar="FOLDER")
    options = parser.parse_args()
    pages = dict(one.split("=", 1) for one in options.at) or PAGES[options.library]
    pages = {word: path for word, path in pages.items() if word in (options.only or [word])}
    schemes: tuple[Scheme, ...] = ("light", "dark")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        for word, path in pages.items():
            address = options.address.rstrip("/") + path
            rows = [[shot(browser, address, screen, scheme) for screen in SCREENS] for scheme in schemes]
            target = options.to / f"{options.library}-{word}.webp"
            sheet(rows).save(target, quality=QUALITY, method=6)
            sys.stderr.write(f"{target} {target.stat().st_size // 1024} kB\n")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
