"""The API keeps what its OpenAPI description says: schemathesis asks it all that the description allows, and more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.http import JsonResponse
from schemathesis.core.failures import FailureGroup
from schemathesis.openapi.checks import UndefinedStatusCode

from patterns_app.api import endpoints, serving
from patterns_app.models import Snapshot

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "patterns"

pytestmark = [pytest.mark.django_db]

schema = schemathesis.openapi.from_dict(serving.description())
schema.app = get_wsgi_application()


@pytest.fixture
def library(settings: Any) -> Iterator[None]:
    settings.ALLOWED_HOSTS = ["localhost"]
    call_command("import_patterns", FIXTURES, "--publish", verbosity=0)
    # The whole application answers, so it would close the connection that holds the test's transaction.
    for signal in request_started, request_finished:
        signal.disconnect(close_old_connections)
    yield
    for signal in request_started, request_finished:
        signal.connect(close_old_connections)


@schema.parametrize()
# The API only reads, so all that is asked of one operation may be asked of one library.
@hypothesis.settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
def test_the_api_keeps_what_its_description_says(case: Any, library: None) -> None:
    case.call_and_validate()


@pytest.mark.parametrize("path", ["/api/patterns/{slug}", "/api/patterns/{slug}/relationships"])
def test_every_pattern_of_the_library_is_as_the_description_says(path: str, library: None) -> None:
    slugs = list(Snapshot.objects.values_list("slug", flat=True))
    assert len(slugs) > 25
    for slug in slugs:
        response = schema[path]["GET"].Case(path_parameters={"slug": slug}).call_and_validate()
        assert response.status_code == 200


@pytest.mark.parametrize(
    ("path", "asked", "what"),
    [
        ("/api/graph", {"from": "tool-library", "depth": 3, "inferred": "true"}, "edges"),
        ("/api/graph", {"inferred": "true", "limit": 500}, "edges"),
        ("/api/patterns", {"domain": "lending", "audience": "tech"}, "patterns"),
        ("/api/search", {"q": "repair tools", "audience": "tech"}, "hits"),
        ("/api/search", {"q": "shadow bord"}, "hits"),
        ("/api/retrieve", {"q": "repair tools", "audience": "tech", "limit": 50}, "passages"),
        ("/api/audiences", {}, "terms"),
    ],
)
def test_what_is_found_is_as_the_description_says(path: str, asked: dict[str, Any], what: str, library: None) -> None:
    response = schema[path]["GET"].Case(query=asked).call_and_validate()
    assert response.status_code == 200
    assert response.json()[what]


def test_an_answer_that_is_not_as_described_is_seen(library: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "problem", lambda detail, status: JsonResponse({"trouble": detail}, status=418))
    with pytest.raises(FailureGroup) as seen:
        schema["/api/search"]["GET"].Case(query={"q": ""}).call_and_validate()
    assert any(isinstance(failure, UndefinedStatusCode) for failure in seen.value.exceptions)
