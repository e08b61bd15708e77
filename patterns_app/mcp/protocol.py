"""JSON-RPC messages of the Model Context Protocol and their answers.

Both ways of the protocol are spoken: with a handshake (revisions up to 2025-11-25), and without one, where every
message says which revision it is of (2026-07-28). Nothing is remembered, so any process may answer any message.
"""

from __future__ import annotations

import json
import logging
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from django.db import DatabaseError

from patterns_app.mcp.tools import TOOLS, Tool, Unanswered
from patterns_app.views.addresses import LIBRARY

log = logging.getLogger(__name__)

SHAKEN: Final = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
"""Revisions that begin with a handshake."""

STATELESS: Final = ("2026-07-28",)

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
HEADER_MISMATCH: Final = -32020
UNSUPPORTED_VERSION: Final = -32022

MOST_TOGETHER: Final = 20
"""Most messages in one array, which revision 2025-03-26 allows."""

_VERSION_KEY: Final = "io.modelcontextprotocol/protocolVersion"
_INSTRUCTIONS: Final = (
    "A library of patterns: each describes a recurring problem, the tension behind it, a proven solution, and its "
    "relationships to others. Find some, get those that fit, follow their relationships; cite address, license and "
    "attribution of what you use."
)
_TOOLS: Final = {tool.name: tool for tool in TOOLS}

Message = dict[str, Any]


class Refused(Exception):
    """A message that cannot be answered, by the protocol's own code."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


def answer(text: str | bytes) -> Message | list[Message] | None:
    """The answer to a message as it came in, None for one that wants none."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return error(None, Refused(PARSE_ERROR, "That is not JSON."))
    if not isinstance(said, list):
        return answer_to(said)
    if not 0 < len(said) <= MOST_TOGETHER:
        return error(None, Refused(INVALID_REQUEST, f"An array has 1 to {MOST_TOGETHER} messages."))
    return [reply for message in said if (reply := answer_to(message))] or None


def answer_to(message: Any) -> Message | None:
    """The same for a message that is read."""
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return error(None, Refused(INVALID_REQUEST, "A message is an object of JSON-RPC 2.0."))
    number, method = message.get("id"), message.get("method")
    if "id" not in message or method is None:
        # A notification, or an answer: nobody here ever asks.
        return None
    if not isinstance(method, str) or isinstance(number, bool) or not isinstance(number, str | int):
        return error(None, Refused(INVALID_REQUEST, "A request has a number or text as its id, and a method's name."))
    try:
        params = message.get("params", {})
        if not isinstance(params, dict):
            raise Refused(INVALID_PARAMS, "“params” is an object.")
        return {"jsonrpc": "2.0", "id": number, "result": _result(method, params)}
    except Refused as refused:
        return error(number, refused)
    except DatabaseError:
        log.exception("A message of the Model Context Protocol (%s) could not be answered.", method)
        return error(number, Refused(INTERNAL_ERROR, "The library's database does not answer."))


def error(number: str | int | None, refused: Refused) -> Message:
    """The answer that says why there is none."""
    said = {"code": refused.code, "message": str(refused)}
    if refused.data is not None:
        said["data"] = refused.data
    return {"jsonrpc": "2.0", "id": number, "error": said}


def revision_of(params: Message) -> Any:
    """The revision that a message without a handshake is of, None for one with."""
    meta = params.get("_meta")
    return meta.get(_VERSION_KEY) if isinstance(meta, dict) else None


def _result(method: str, params: Message) -> Message:
    revision = revision_of(params)
    if revision is not None and revision not in STATELESS:
        raise Refused(
            UNSUPPORTED_VERSION,
            "Unsupported protocol version",
            {"supported": list(STATELESS), "requested": str(revision)},
        )
    about = {"capabilities": {"tools": {}}, "instructions": _INSTRUCTIONS}
    if method == "initialize":
        asked = params.get("protocolVersion")
        return {"protocolVersion": asked if asked in SHAKEN else SHAKEN[-1], "serverInfo": _server(), **about}
    if method == "server/discover":
        return _keepable({"supportedVersions": list(STATELESS), **about})
    if method == "tools/list":
        return _keepable({"tools": [_declared(tool) for tool in TOOLS]})
    if method == "tools/call":
        return _called(params)
    if method == "ping":
        return {}
    raise Refused(METHOD_NOT_FOUND, f"There is no method “{method[:100]}” here.")


def _server() -> Message:
    try:
        ours = version("commons-patterns")
    except PackageNotFoundError:
        # Run from a folder, as `make run` does.
        ours = "0"
    return {"name": "commons-patterns", "title": LIBRARY, "version": ours}


def _complete(said: Message) -> Message:
    # What the later revisions ask for, the earlier ones ignore.
    return {**said, "resultType": "complete", "_meta": {"io.modelcontextprotocol/serverInfo": _server()}}


def _keepable(said: Message) -> Message:
    return _complete({**said, "ttlMs": 3_600_000, "cacheScope": "public"})


def _declared(tool: Tool) -> Message:
    hints = {"title": tool.title, "readOnlyHint": True, "idempotentHint": True, "openWorldHint": False}
    return {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": tool.asked.model_json_schema(),
        "annotations": hints,
    }


def _called(params: Message) -> Message:
    name, arguments = params.get("name"), params.get("arguments", {})
    tool = _TOOLS.get(name) if isinstance(name, str) else None
    if tool is None:
        raise Refused(INVALID_PARAMS, f"There is no tool “{str(name)[:100]}” here.")
    try:
        if not isinstance(arguments, dict | None):
            raise Unanswered("The arguments are an object.")
        texts, data = tool.call(arguments or {})
    except Unanswered as problem:
        return _complete({"content": [{"type": "text", "text": str(problem)}], "isError": True})
    said: Message = {"content": [{"type": "text", "text": text} for text in texts], "isError": False}
    return _complete(said if data is None else {**said, "structuredContent": data})
