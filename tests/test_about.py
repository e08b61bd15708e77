"""About: the glossary says every word of the format."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from patterns_app.document.vocabulary import (
    ADOPTION_STAGES,
    PILLARS,
    REFERENCE_AUDIENCES,
    USAGE_STAGES,
    RelationshipKind,
    Status,
    VitalityBand,
)
from patterns_app.views.formats.record import FORMATS

pytestmark = pytest.mark.django_db


def test_the_glossary_has_every_word_of_the_format_and_asks_no_database() -> None:
    with CaptureQueriesContext(connection) as captured:
        page = html.unescape(Client().get("/about/").content.decode())
    assert not captured.captured_queries
    terms = [kind.label for kind in RelationshipKind] + [kind.value for kind in RelationshipKind]
    terms += [kind.reverse_label for kind in RelationshipKind]
    terms += [word.value for word in (*Status, *VitalityBand)]
    terms += [word.replace("_", " ") for word in (*PILLARS, *USAGE_STAGES, *ADOPTION_STAGES)]
    terms += [*REFERENCE_AUDIENCES, "4.5 and more", "below 2.0", *(f".{entry.suffix}" for entry in FORMATS)]
    for term in terms:
        assert term in page, term
    assert page.count("<dt") == page.count("<dd")


def test_what_about_leads_to_is_there() -> None:
    page = Client().get("/about/").content.decode()
    ids = set(re.findall(r'id="([^"]+)"', page))
    for address in set(re.findall(r'href="([^"]+)"', page)):
        if address.startswith("#"):
            assert address[1:] in ids
        elif not address.startswith("/static/"):
            assert Client().get(html.unescape(address)).status_code == 200, address


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/map/", "/map/list/", "/recent/", "/about/", "/search/", "/browse/"])
def test_a_page_in_the_words_of_an_audience_is_the_same_page_to_search_engines(path: str, settings: Any) -> None:
    settings.SITE_URL = "https://patterns.example.org/"
    said = Client().get(f"{path}?audience=tech").content.decode()
    assert said.count('rel="canonical"') == 1
    assert f'<link rel="canonical" href="https://patterns.example.org{path}">' in said
