"""Unsaved work that a browser keeps: what its script asks of the form's page, and how it is answered.

The script (`desk/keepsake.js`) sends the form itself, so that a lost connection leaves everybody where they are.
"""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse

SHOW_AGAIN = "_show_again"
"""The field that says: show the form with what was posted, save nothing."""

BY_SCRIPT = "X-Sent-By"


def is_shown_again(request: HttpRequest) -> bool:
    """Whether the form is only to be shown with what was posted: work that was kept, offered back."""
    return SHOW_AGAIN in request.POST


def told(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Where a save leads: for the script in words, since a script that followed would use up the messages."""
    if request.headers.get(BY_SCRIPT) == "desk" and response.status_code == HTTPStatus.FOUND:
        return JsonResponse({"location": response["Location"]})
    return response
