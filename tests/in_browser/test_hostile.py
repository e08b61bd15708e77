"""Patterns whose every word is an attack, before a real browser: nothing runs, nothing is asked of another host,
nothing is replaced, and the page can still be read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Dialog, Page
from pytest_django.live_server_helper import LiveServer

from patterns_app.document.body import Section
from patterns_app.document.pattern import (
    Community,
    ContextLabel,
    Contributor,
    Entity,
    InferredLink,
    Relationship,
)
from patterns_app.models import Facet, Pattern, PublicTerm
from patterns_app.publishing import publish_many
from patterns_app.views.preview import share
from tests.factories import NOON, make_pattern, make_user
from tests.in_browser.conftest import OpenPage

pytestmark = pytest.mark.django_db(transaction=True)

PLANT: Final = "window.planted=1;alert(1)"
ELSEWHERE: Final = "https://elsewhere.invalid"

SCRIPTS: Final = f"""
<script>{PLANT}</script>
<SCRIPT SRC={ELSEWHERE}/a.js></SCRIPT>
<script type="module">import "{ELSEWHERE}/b.js"; {PLANT}</script>
<scr<script>ipt>{PLANT}</scr</script>ipt>
<script
>{PLANT}</script
>
<script/x>{PLANT}</script/x>
<noscript><p title="</noscript><img src=x onerror={PLANT}>">
<template><script>{PLANT}</script></template>
<textarea><script>{PLANT}</script></textarea><title><script>{PLANT}</script></title>
<xmp><script>{PLANT}</script></xmp>
"""

HANDLERS: Final = f"""
<img src=x onerror="{PLANT}"><img src=x:x oNeRrOr={PLANT}><img/src="x"/onerror={PLANT}>
<img src="/static/none.png" onerror="{PLANT}"><img src=`x`onerror={PLANT}>
<body onload="{PLANT}"><input autofocus onfocus="{PLANT}"><select autofocus onfocus="{PLANT}"></select>
<details open ontoggle="{PLANT}"><summary>more</summary>x</details>
<video src=x onerror="{PLANT}"></video><audio src="{ELSEWHERE}/a.mp3" autoplay onerror="{PLANT}"></audio>
<video><source onerror="{PLANT}"></video><video poster="{ELSEWHERE}/p.png"></video>
<marquee onstart="{PLANT}">x</marquee><div onmouseover="{PLANT}" onpointerenter="{PLANT}">x</div>
<p tabindex=1 onfocus="{PLANT}" accesskey=x>x</p><a href=# onclick="{PLANT}">x</a>
<div style="animation: x 1s" onanimationstart="{PLANT}">x</div>
"""

ADDRESSES: Final = f"""
[a](javascript:{PLANT}) [b](JaVaScRiPt:{PLANT}) [c](java&#115;cript:{PLANT}) [d](&#x6A;avascript:{PLANT})
[e](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==) [f](vbscript:msgbox(1)) [g](java&Tab;script:{PLANT})
[h](\tjavascript:{PLANT}) <javascript:{PLANT}>
<a href=" &#1; javascript:{PLANT}">i</a> <a href="java\nscript:{PLANT}">j</a>
<a href="javascript&colon;{PLANT}">k</a>
<a href="//elsewhere.invalid" target=_blank>l</a> <a href="file:///etc/passwd">m</a>
<a href="blob:{ELSEWHERE}/x" ping="{ELSEWHERE}/ping" download>n</a> <area href="javascript:{PLANT}">
[o]: javascript:{PLANT}
[o] ![p](javascript:{PLANT}) ![q]({ELSEWHERE}/pixel.png) ![r](data:image/svg+xml,<svg/onload={PLANT}>)
<img srcset="{ELSEWHERE}/s.png 1x"> <img src="{ELSEWHERE}/t.png" loading=eager> <a href="[u](javascript:{PLANT})">u</a>
![v](x"onerror="{PLANT}) [w](x"onmouseover="{PLANT}) [x](<javascript:{PLANT}>)
<a href="x" style="background:url({ELSEWHERE})">y</a>
"""

DRAWINGS: Final = f"""
<svg onload="{PLANT}"><script>{PLANT}</script><animate onbegin="{PLANT}" attributeName=x dur=1s></animate>
<a xlink:href="javascript:{PLANT}"><text y=20>x</text></a><use href="{ELSEWHERE}/x.svg#a"></use>
<set attributeName=href to="javascript:{PLANT}"></set><image href="{ELSEWHERE}/x.png"></image>
<foreignObject><iframe src="javascript:{PLANT}"></iframe><body onload="{PLANT}"></body></foreignObject></svg>
<svg><style><img src=x onerror={PLANT}></style></svg><svg></p><style><a id="</style><img src=1 onerror={PLANT}>">
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={PLANT}&gt;">
<math href="javascript:{PLANT}">x</math>
<math><annotation-xml encoding="text/html"><script>{PLANT}</script></annotation-xml></math>
<math><maction actiontype="statusline#{ELSEWHERE}" xlink:href="javascript:{PLANT}">x</maction></math>
"""

FRAMES: Final = f"""
<iframe src="{ELSEWHERE}"></iframe><iframe srcdoc="<script>parent.planted=1</script>"></iframe>
<object data="{ELSEWHERE}/x.swf"></object><embed src="{ELSEWHERE}/x"><applet code=x></applet>
<portal src="{ELSEWHERE}"></portal>
<form action="{ELSEWHERE}" id=search method=post><input name=password type=password>
<button formaction="javascript:{PLANT}">go</button></form>
<meta http-equiv=refresh content="0;url={ELSEWHERE}"><meta http-equiv="Set-Cookie" content="desk=1">
<meta name=referrer content=unsafe-url><base href="{ELSEWHERE}/"><link rel=stylesheet href="{ELSEWHERE}/a.css">
<link rel=preload as=image href="{ELSEWHERE}/p.png"><link rel=dns-prefetch href="{ELSEWHERE}">
<style>@import "{ELSEWHERE}/b.css"; * {{ display: none !important }}</style><dialog open>x</dialog>
<p style="position:fixed;inset:0;background:#f00;z-index:9999;width:expression({PLANT})">cover</p>
<div style="background:url({ELSEWHERE}/bg.png)">x</div><frameset onload="{PLANT}"><frame src="{ELSEWHERE}"></frameset>
"""

NAMES: Final = """
<a id=content>x</a><a id=location name=location>x</a><img name=body><img name=cookie id=documentElement>
<form id=q-head><input name=attributes><input name=parentNode></form><a id=desk-facts href="clobber:x">x</a>
<form name=getElementById></form><p class="site-header skip preview-banner" id="s-content">x</p>
<p hidden dir=rtl lang="'">x</p>
"""

UNCLOSED: Final = """
<div><section><div><b><i><table><tr><td><ul><li><h1>Unclosed

</main></body></html>
</div></div></div></article></section></footer>
<![CDATA[ x ]]> <?php echo 1 ?> <!DOCTYPE html>
"""

SWALLOWING: Final = """
<plaintext><b>x</b>
<!-- a comment without an end
<textarea><b>x</b>
<title><b>x</b>
<select><option>x
"""

ENTITIES: Final = (
    "&lt;script&gt;x&lt;/script&gt; &amp;lt;b&amp;gt; &#0; &#x1F4A9; &nonexistent; \u202eright to left\u202c \ufeff"
)

DEEP: Final = "> " * 400 + "deep\n\n" + "".join("  " * n + "- x\n" for n in range(120))


def _table(size: int) -> str:
    head = "|" + "h|" * size + "\n|" + "-|" * size + "\n"
    return head + ("|" + "cell|" * size + "\n") * size


ATTACKS: Final = [
    attack
    for attacks in (SCRIPTS, HANDLERS, ADDRESSES, DRAWINGS, FRAMES, NAMES, UNCLOSED, SWALLOWING)
    for attack in (*attacks.strip().split("\n"), attacks)
    if attack.strip()
]
"""Each by itself, for some swallow whatever comes after them; and those of one kind together."""

BODY: Final = "\n\n".join(
    (
        SCRIPTS,
        HANDLERS,
        ADDRESSES,
        DRAWINGS,
        FRAMES,
        NAMES,
        ENTITIES,
        DEEP,
        _table(200),
        "<table>" * 200,
        UNCLOSED,
    )
)

EVIL: Final = f"\"'><script>{PLANT}</script><img src=x onerror={PLANT}></title></textarea>{{{{7*7}}}}"


def evil(where: str) -> str:
    """An attack that says where it stood."""
    return f"{where} {EVIL}"


FIELDS: Final[dict[str, Any]] = {
    "slug": 'quo"te<b onclick=alert(1)>',
    "title": evil("title"),
    "summary": evil("summary"),
    "aliases": (evil("alias"), "javascript:alert(1)"),
    "context_labels": (ContextLabel("tech", evil("label")), ContextLabel(evil("audience"), "label")),
    "domain": evil("domain"),
    "cross_domains": (evil("cross domain"),),
    "collection": evil("collection"),
    "primary_tension": evil("tension vs. tension"),
    "vector_keywords": (evil("keyword"),),
    "vitality": 3.0,
    "resilience": 2.0,
    "vitality_reasoning": evil("reasoning"),
    "usage_stage": evil("usage"),
    "adoption_stage": evil("adoption"),
    "confidence": 2,
    "relationships": (
        Relationship("enables", evil("target"), 0.5, evil("description")),
        Relationship("requires", "javascript:alert(1)", None),
        Relationship("enables", "neighbour", 0.5, evil("reason")),
    ),
    "entities": (Entity(evil("entity"), evil("type"), evil("entity label"), 0.9),),
    "communities": (Community(evil("community"), evil("community label"), evil("source"), 0.5),),
    "inferred_links": (InferredLink(evil("inferred"), evil("kind"), 0.5, None, evil("reason")),),
    "contributors": (Contributor(evil("person"), evil("role")),),
    "license": "javascript:alert(1)",
    "attribution": evil("attribution"),
    "sources": (
        evil("source"),
        "javascript:alert(1)",
        f"[x](javascript:{PLANT})",
        f"<a href='javascript:{PLANT}'>x</a>",
    ),
    "version": evil("version"),
    "status": "published",
    "preamble": f"> {EVIL}\n> [!NOTE] {EVIL}\n> {EVIL}\n\n",
    "sections": (
        Section(f"### Section 1: {EVIL}\n", f"The first words can be read.\n\n{BODY}\n"),
        Section("### Section 2: Problem\n", "Tools are dear.\n"),
    ),
}


@pytest.fixture
def hostile() -> Pattern:
    make_user("bo", is_superuser=True)
    hostile = make_pattern(**FIELDS)
    neighbour = make_pattern(
        slug="neighbour",
        status="published",
        relationships=(Relationship("requires", hostile.slug, 0.5, evil("from outside")),),
    )
    publish_many([hostile.pk, neighbour.pk], at=NOON)
    return hostile


def watched(page: Page, live: str) -> list[str]:
    """What a page does that it must not, as it happens."""
    said: list[str] = []

    def refuse(dialog: Dialog) -> None:
        said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", refuse)
    page.on("popup", lambda popup: said.append(f"popup: {popup.url}"))
    page.on("download", lambda download: said.append(f"download: {download.url}"))

    def asked(url: str) -> None:
        if not url.startswith(live):
            said.append(f"asked for {url}")

    page.on("request", lambda request: asked(request.url))
    return said


ALLOWED: Final = {"http:", "https:", "mailto:", "svg:"}

STATE: Final = """() => ({
    planted: window.planted,
    links: [...document.querySelectorAll("a[href], area[href]")].map((a) => a.protocol || "svg:"),
    evil: document.querySelectorAll(
        "iframe, object, embed, base, [style], meta[http-equiv], form[action^=http]"
    ).length,
    handlers: [...document.querySelectorAll("*")].flatMap((one) => [...one.attributes])
        .filter((one) => one.name.startsWith("on")).length,
    inline: [...document.querySelectorAll("script:not([src])")].filter((one) => !/json/.test(one.type)).length,
    wide: document.documentElement.scrollWidth - innerWidth,
    h1: document.querySelectorAll("h1").length,
    cookie: document.cookie,
})"""


def assert_harmless(page: Page, address: str, said: list[str], *, public: bool = True) -> None:
    response = page.goto(address)
    assert response is not None
    assert response.status == 200, address
    page.wait_for_load_state("networkidle")
    # What comes with the focus, the pointer or an animation.
    page.mouse.move(400, 500)
    for _ in range(3):
        page.keyboard.press("Tab")
    page.wait_for_timeout(150)
    state = page.evaluate(STATE)
    assert said == [], address
    assert state["planted"] is None, address
    assert set(state["links"]) <= ALLOWED, address
    assert state["handlers"] == state["inline"] == 0, address
    assert urlsplit(page.url).path == urlsplit(address).path, "it led elsewhere"
    if public:
        assert state["evil"] == 0, address
        assert state["h1"] == 1, address
        assert state["wide"] <= 1, f"{address} scrolls sideways by {state['wide']} px"
        assert "desk" not in state["cookie"]
        # The page around the text is where it was, and nothing lies over it.
        assert page.evaluate("document.querySelector('body > footer') !== null"), address
        assert page.evaluate("document.getElementById('content').tagName") == "MAIN"
        assert page.evaluate(
            "() => { scrollTo(0, 0); const brand = document.querySelector('.brand');"
            " const at = brand.getBoundingClientRect();"
            " return brand.contains(document.elementFromPoint(at.x + 3, at.y + at.height / 2)); }"
        ), f"{address}: something lies over the page"


def test_nothing_in_a_hostile_pattern_runs_on_any_public_page(
    hostile: Pattern, open_page: OpenPage, live_server: LiveServer
) -> None:
    page = open_page()
    said = watched(page, live_server.url)
    address = reverse("pattern", args=[hostile.slug])
    assert_harmless(page, address, said)
    assert page.get_by_text("The first words can be read.").is_visible()
    assert "{{7*7}}" in page.locator("h1").inner_text()
    assert hostile.head is not None
    shared = urlsplit(share(hostile.head, at=timezone.now()).address).path
    others = [
        f"{address}?audience=tech",
        f"{address}?audience={quote(EVIL)}",
        reverse("pattern", args=["neighbour"]),
        shared,
        reverse("index"),
        reverse("browse"),
        f"{reverse('browse')}?domain={quote(EVIL)}&q={quote(EVIL)}",
        f"{reverse('search')}?q=title",
        f"{reverse('search')}?q={quote(EVIL)}",
        f"{reverse('search')}?q=title&audience={quote(EVIL)}&domain={quote(EVIL)}",
        reverse("map"),
        reverse("recent"),
        f"{reverse('navigator')}?next={quote(address)}",
        f"{reverse('navigator')}?next={quote('javascript:alert(1)')}",
    ]
    for facet in (Facet.DOMAIN, Facet.COLLECTION, Facet.CONTRIBUTOR, Facet.ENTITY, Facet.COMMUNITY):
        terms = PublicTerm.objects.filter(facet=facet, snapshot=hostile.pk)
        others += [reverse(facet.value, args=[term.key]) for term in terms]
    assert len(others) > 15
    for other in others:
        assert_harmless(page, other, said)


def test_no_attack_by_itself_does_anything(browser: Browser, live_server: LiveServer) -> None:
    patterns = [
        make_pattern(
            slug=f"attack-{number}",
            status="published",
            preamble="",
            sections=(Section("### Context\n", f"{attack}\n"),),
        )
        for number, attack in enumerate(ATTACKS)
    ]
    publish_many([pattern.pk for pattern in patterns], at=NOON)
    # The policy is the second lock: the first has to hold by itself.
    context = browser.new_context(base_url=live_server.url, bypass_csp=True)
    page = context.new_page()
    said = watched(page, live_server.url)
    for pattern, attack in zip(patterns, ATTACKS, strict=True):
        page.goto(reverse("pattern", args=[pattern.slug]))
        page.mouse.move(400, 400)
        state = page.evaluate(STATE)
        assert said == [], attack
        assert state["planted"] is None, attack
        assert set(state["links"]) <= ALLOWED, attack
        assert state["handlers"] == state["inline"] == state["evil"] == 0, attack
        assert state["h1"] == 1, attack
        assert page.evaluate("document.querySelector('body > footer') !== null"), attack
        assert page.evaluate("document.getElementById('content').tagName") == "MAIN", attack
    page.wait_for_timeout(300)
    assert said == []
    context.close()


@pytest.mark.parametrize(
    "attack", [f"<script>{PLANT}</script>", f'<img src=x onerror="{PLANT}">', f"<img src={ELSEWHERE}/pixel.png>"]
)
def test_what_runs_is_noticed(browser: Browser, live_server: LiveServer, attack: str) -> None:
    page = browser.new_page(base_url=live_server.url)
    said = watched(page, live_server.url)
    page.route(f"{live_server.url}/", lambda route: route.fulfill(body=attack, content_type="text/html"))
    with page.expect_event("dialog" if PLANT in attack else "request", timeout=5_000):
        page.goto("/", wait_until="commit")
    page.wait_for_timeout(100)
    assert said
    page.close()


def test_nothing_in_it_runs_on_a_phone_or_without_the_policy(
    hostile: Pattern, browser: Browser, live_server: LiveServer
) -> None:
    context = browser.new_context(base_url=live_server.url, bypass_csp=True, viewport={"width": 390, "height": 800})
    page = context.new_page()
    said = watched(page, live_server.url)
    assert_harmless(page, reverse("pattern", args=[hostile.slug]), said)
    assert_harmless(page, reverse("browse"), said)
    context.close()


def test_nothing_in_it_runs_on_the_editors_desk(
    hostile: Pattern, open_page: OpenPage, log_in: Callable[..., Page], live_server: LiveServer
) -> None:
    page = log_in("bo", open_page())
    said = watched(page, live_server.url)
    base = "admin:patterns_app_pattern"
    addresses = [
        reverse(f"{base}_change", args=[hostile.pk]),
        reverse(f"{base}_preview", args=[hostile.pk]),
        reverse(f"{base}_history", args=[hostile.pk]),
        reverse(f"{base}_revision", args=[hostile.pk, 1]),
        reverse(f"{base}_share", args=[hostile.pk, 1]),
        reverse(f"{base}_changelist"),
        reverse(f"{base}_wanted"),
        reverse("admin:index"),
    ]
    for address in addresses:
        assert_harmless(page, address, said, public=False)
