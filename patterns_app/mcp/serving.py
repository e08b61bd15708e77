"""The Model Context Protocol by HTTP (“Streamable HTTP”): a message is posted, the answer is the response."""

from __future__ import annotations

import base64
import binascii
import json
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from patterns_app.mcp import protocol

LONGEST: Final = 64 * 1024
"""Bytes of a message: a question to the library is short."""

_METHODS: Final = "POST, OPTIONS"
_STATUSES: Final = {
    protocol.METHOD_NOT_FOUND: HTTPStatus.NOT_FOUND,
    protocol.INTERNAL_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
}


@csrf_exempt
@never_cache
def mcp(request: HttpRequest) -> HttpResponse:
    """One message and its answer. The queries of a tool, else none.

    Open to every site's scripts: cookies play no part, and all that can be learnt is public. Against rebinding of names
    stands ALLOWED_HOSTS, as for every page.
    """
    if request.method == "POST":
        response = _answered(request)
    elif request.method == "OPTIONS":
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        response["Access-Control-Allow-Methods"] = _METHODS
        response["Access-Control-Allow-Headers"] = "*"
    else:
        # There is no stream to listen to and no session to end; clients know this status.
        response = JsonResponse({"detail": "Post messages of the Model Context Protocol here."}, status=405)
        response["Allow"] = _METHODS
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _answered(request: HttpRequest) -> HttpResponse:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > LONGEST:
        refused = protocol.Refused(protocol.INVALID_REQUEST, f"A message has at most {LONGEST} bytes.")
        return _json(protocol.error(None, refused), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    body = request.body
    alone = _alone(body)
    if alone and (mismatch := _mismatch(request, alone)):
        return _json(mismatch, HTTPStatus.BAD_REQUEST)
    said = protocol.answer(body)
    if said is None:
        return HttpResponse(status=HTTPStatus.ACCEPTED)
    # After a handshake a refusal is an answer: clients take 400 for a broken connection, and 404 for the end of it.
    if isinstance(said, dict) and "error" in said and (alone or said["id"] is None):
        return _json(said, _STATUSES.get(said["error"]["code"], HTTPStatus.BAD_REQUEST))
    return _json(said, HTTPStatus.OK)


def _alone(body: bytes) -> dict[str, Any] | None:
    """The message, if it is one without a handshake."""
    try:
        message: dict[str, Any] = json.loads(body)
        return message if protocol.revision_of(message.get("params") or {}) is not None else None
    except (ValueError, RecursionError, AttributeError):
        # Not a message at all, or several: `protocol` says so.
        return None


def _mismatch(request: HttpRequest, message: dict[str, Any]) -> dict[str, Any] | None:
    """The refusal of a message without a handshake that its headers, which servers on the way read, belie."""
    said = {"MCP-Protocol-Version": protocol.revision_of(message["params"]), "Mcp-Method": message.get("method")}
    if message.get("method") == "tools/call":
        said["Mcp-Name"] = message["params"].get("name")
    for name, value in said.items():
        if _decoded(request.headers.get(name, "")) != value:
            refused = protocol.Refused(protocol.HEADER_MISMATCH, f"The header {name} is not what the message says.")
            return protocol.error(message.get("id"), refused)
    return None


def _decoded(header: str) -> str:
    """A header's value; what is no plain ASCII comes as base64."""
    if header.startswith("=?base64?") and header.endswith("?="):
        try:
            return base64.b64decode(header[9:-2], validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return header
    return header


def _json(said: Any, status: int) -> HttpResponse:
    # In ASCII: a message may hold half a letter ("\\ud800"), which comes back in the refusal.
    return JsonResponse(said, status=status, safe=False)
