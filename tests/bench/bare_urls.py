"""The one view of the bare server. BENCH_PAGE_SIZE: bytes of its page."""

from __future__ import annotations

import os

from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import path

from patterns_app.models import Snapshot

SIZE = int(os.environ["BENCH_PAGE_SIZE"])
LINE = "A line of some length, such as pages have by the hundred."
TEMPLATE = Template(
    "<!doctype html><html lang='en'><head><title>{{ snapshot.title }}</title></head><body><h1>{{ snapshot.title }}</h1>"
    "<p>{{ snapshot.summary }}</p>{% for line in lines %}<p>{{ line }}</p>{% endfor %}</body></html>"
)
LINES = [LINE] * (SIZE // (len(LINE) + len("<p></p>")))


def page(request: HttpRequest, pk: int) -> HttpResponse:
    snapshot = Snapshot.objects.only("title", "summary").get(pk=pk)
    return HttpResponse(TEMPLATE.render(Context({"snapshot": snapshot, "lines": LINES})))


urlpatterns = [path("<int:pk>/", page)]
