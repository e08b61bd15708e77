"""A preview for somebody without an account: one revision, by a link that is signed and ends by itself.

Whatever is answered below `/preview/` stays outside every cache, also what no view of this module says: `unseen`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, NamedTuple

from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from patterns_app.document.reading import read
from patterns_app.document.vocabulary import Status
from patterns_app.models import Revision, Snapshot
from patterns_app.views.addresses import absolute
from patterns_app.views.page import shown

VALID: Final = datetime.timedelta(days=7)
"""For how long a link shows its revision."""

_SIGNER: Final = "patterns_app.preview"
_BELOW: Final = "/preview/"
_UNSEEN: Final = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
    # The address is the key: it must not reach the sites that the text links to.
    "Referrer-Policy": "no-referrer",
}


class SharedPreview(NamedTuple):
    """A link that shows one revision, and until when."""

    address: str
    until: datetime.datetime


def share(revision: Revision, *, at: datetime.datetime) -> SharedPreview:
    """A link to a preview of a revision. Nothing is stored: it lasts `VALID`, or until the pattern is archived.

    Whoever has it sees the text, and that text only: a later edit is another revision.
    """
    until = (at + VALID).replace(microsecond=0)
    said = [revision.pk, revision.digest[:12], int(until.timestamp())]
    token = Signer(salt=_SIGNER).sign_object(said)
    return SharedPreview(absolute(reverse("shared-preview", args=[token])), until)


@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The revision that a link names, as its public page would be. 410 when its time is over, 403 if it was altered.

    404 if the revision is gone or its pattern archived. Two queries.
    """
    try:
        number, digest, end = Signer(salt=_SIGNER).unsign_object(token)
    except BadSignature:
        return _refused(request, "altered", HTTPStatus.FORBIDDEN)
    until = datetime.datetime.fromtimestamp(end, tz=datetime.UTC)
    if until <= timezone.now():
        return _refused(request, "over", HTTPStatus.GONE)
    revision = Revision.objects.select_related("pattern").filter(pk=number, digest__startswith=digest).first()
    if revision is None or revision.pattern.status == Status.ARCHIVED:
        raise Http404("There is nothing to preview any more.")
    document = read(revision.text, name=revision.pattern.slug).document
    public = Snapshot.objects.light().filter(pk=revision.pattern_id).first()
    context = {"shown": shown(document), "revision": revision, "until": until, "public": public}
    return render(request, "patterns/shared_preview.html", context)


def _refused(request: HttpRequest, why: str, status: HTTPStatus) -> HttpResponse:
    return render(request, "patterns/shared_preview_over.html", {"why": why}, status=status)


def is_preview(request: HttpRequest) -> bool:
    """Whether a request is for an address below those of previews, whatever is there."""
    return request.path_info.startswith(_BELOW)


def unseen(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware around all other, for redirects, 404s and errors may come from any of it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if is_preview(request):
            for name, value in _UNSEEN.items():
                response[name] = value
        return response

    return middleware
