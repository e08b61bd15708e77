"""The server of the Model Context Protocol, asked by the official client and by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import anyio
import mcp_types
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from mcp import StdioServerParameters, stdio_client
from mcp.client import Client as Agent
from mcp.client.streamable_http import streamable_http_client

from patterns_app.document.pattern import Relationship
from patterns_app.mcp import protocol, serving
from patterns_app.mcp.tools import TOOLS
from patterns_app.models import Snapshot
from patterns_app.workflow.moves import Move
from tests.databases import ROOT, command, environment, manage, throw_away_database
from tests.desk import FULL
from tests.factories import make_pattern
from tests.test_public import go, published

FIXTURES = ROOT / "fixtures" / "patterns"
NAMES = ["find_patterns", "get_pattern", "traverse_graph", "list_collections"]
MODES = ["legacy", "auto", protocol.STATELESS[-1]]


# The official client


@pytest.fixture(scope="module")
def library() -> Iterator[str]:
    """The URL of a database with the example library, published."""
    with throw_away_database() as url:
        imported = manage(url, "import_patterns", FIXTURES, "--publish")
        assert imported.returncode == 0, imported.stderr
        yield url


async def _talk(agent: Agent) -> None:
    """What an agent does: looks what there is, finds, gets, follows."""
    tools = (await agent.list_tools()).tools
    assert [tool.name for tool in tools] == NAMES
    for tool in tools:
        assert tool.annotations
        assert tool.annotations.read_only_hint is True
        assert tool.input_schema["type"] == "object"
    found = await _called(agent, "find_patterns", query="two minute return check", limit=3)
    hit = found["patterns"][0]
    assert hit["slug"] == "two-minute-return-check"
    assert hit["license"] == "CC BY-SA 4.0"
    assert hit["address"].endswith("/patterns/two-minute-return-check/")
    result = await agent.call_tool("get_pattern", {"slug": hit["slug"]})
    credit, text = [block.text for block in result.content if isinstance(block, mcp_types.TextContent)]
    assert text == (FIXTURES / "lending" / "two-minute-return-check.md").read_text(encoding="utf-8")
    assert json.loads(credit)["attribution"]
    data = await _called(agent, "get_pattern", slug="tool-library", **{"as": "json"})
    assert data["title"]
    around = await _called(agent, "traverse_graph", slug="tool-library", depth=2)
    assert len(around["nodes"]) > 2
    listed = await _called(agent, "list_collections")
    assert {one["key"] for one in listed["collections"]} == {"mending-together", "shared-workshop-safety"}
    unknown = await agent.call_tool("get_pattern", {"slug": "never-was"})
    assert unknown.is_error


async def _called(agent: Agent, name: str, **arguments: Any) -> dict[str, Any]:
    result = await agent.call_tool(name, arguments)
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    [block] = result.content
    assert isinstance(block, mcp_types.TextContent)
    assert json.loads(block.text) == result.structured_content
    return result.structured_content


def _in_time(talk: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        with anyio.fail_after(60):
            await talk()

    anyio.run(bounded)


@pytest.mark.parametrize("mode", MODES)
def test_the_official_client_talks_to_the_command(mode: str, library: str) -> None:
    program, *arguments = command("serve_mcp")
    server = StdioServerParameters(command=program, args=arguments, env=environment(library), cwd=ROOT)

    async def talk() -> None:
        async with Agent(stdio_client(server), mode=mode) as agent:
            await _talk(agent)

    _in_time(talk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", MODES)
def test_the_official_client_talks_to_the_site(mode: str, live_server: Any) -> None:
    call_command("import_patterns", FIXTURES, "--publish", verbosity=0)

    async def talk() -> None:
        async with Agent(streamable_http_client(f"{live_server.url}{reverse('mcp')}"), mode=mode) as agent:
            await _talk(agent)

    _in_time(talk)


# The tools


def called(name: str, **arguments: Any) -> dict[str, Any]:
    said = protocol.answer_to({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}
    })  # fmt: skip
    assert said
    result: dict[str, Any] = said["result"]
    return result


@pytest.mark.django_db
def test_a_tool_speaks_to_an_audience_and_credits_what_it_gives() -> None:
    pattern = published(**FULL)
    make_pattern(slug="hidden-ladder", title="Hidden ladder")
    [hit] = called("find_patterns", query="ladder", audience="tech")["structuredContent"]["patterns"]
    assert (hit["slug"], hit["label"]) == (pattern.slug, "Hardware library")
    assert hit["license_address"] == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert called("find_patterns", query="ladder", domain="elsewhere")["structuredContent"]["patterns"] == []


@pytest.mark.django_db
def test_a_tool_says_in_words_why_it_has_no_answer() -> None:
    gone = published(slug="gone")
    go(gone, Move.UNPUBLISH)
    refused: list[tuple[str, dict[str, Any], str]] = [
        ("get_pattern", {"slug": "gone"}, "taken back"),
        ("get_pattern", {"slug": "a\0b"}, "NUL"),
        ("get_pattern", {}, "slug"),
        ("get_pattern", {"slug": "half a letter \ud800"}, "slug"),
        ("find_patterns", {"query": "\udfff"}, "query"),
        ("traverse_graph", {"slug": "gone", "kinds": ["\ud800"]}, "kinds"),
        ("get_pattern", {"slug": "gone", "as": "pdf"}, "markdown"),
        ("find_patterns", {"query": "x", "limit": 1_000}, "limit"),
        ("find_patterns", {"query": "x", "colour": "red"}, "colour"),
        ("traverse_graph", {"slug": "gone", "depth": 9}, "depth"),
    ]
    for name, arguments, word in refused:
        result = called(name, **arguments)
        assert result["isError"], name
        assert word in result["content"][0]["text"]


@pytest.mark.django_db
def test_the_graph_is_traversed_along_kinds_and_directions_from_an_old_slug_too() -> None:
    published(slug="wide")
    published(slug="other")
    links = (Relationship("generalizes_from", "wide", 0.5), Relationship("enables", "other"))
    published(slug="here", relationships=links)

    def slugs(**arguments: Any) -> set[str]:
        return {node["slug"] for node in called("traverse_graph", **arguments)["structuredContent"]["nodes"]}

    assert slugs(slug="here") == {"here", "wide", "other"}
    assert slugs(slug="here", kinds=["enables"]) == {"here", "other"}
    assert slugs(slug="wide", direction="out") == {"wide"}
    Snapshot.objects.filter(slug="here").update(slug="there")
    assert slugs(slug="here") == {"there", "wide", "other"}


@pytest.mark.django_db
def test_finding_takes_the_same_few_queries_for_any_number_of_hits() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert not called("find_patterns", query="ladder")["isError"]
        return len(captured)

    published(slug="one")
    few = queries()
    for number in range(9):
        published(slug=f"more-{number}")
    assert queries() == few <= 10  # PostgreSQL is told how to plan, and asked how rare the words are


def test_every_tool_has_a_schema_that_names_its_arguments() -> None:
    for tool in TOOLS:
        schema = tool.asked.model_json_schema()
        assert schema["additionalProperties"] is False
        for argument in schema.get("properties", {}).values():
            assert argument["description"]
    assert "as" in TOOLS[1].asked.model_json_schema()["properties"]


def test_the_documentation_lists_the_tools_and_the_revisions() -> None:
    text = (Path(ROOT) / "docs" / "api.md").read_text(encoding="utf-8")
    for tool in TOOLS:
        assert f"| `{tool.name}` |" in text
    assert f"{protocol.SHAKEN[0]} to {protocol.STATELESS[-1]}" in text


# Messages


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nonsense", protocol.PARSE_ERROR),
        ("[" * 100_000, protocol.PARSE_ERROR),
        ("[]", protocol.INVALID_REQUEST),
        ("3", protocol.INVALID_REQUEST),
        ('{"jsonrpc": "1.0", "id": 1, "method": "ping"}', protocol.INVALID_REQUEST),
        ('{"jsonrpc": "2.0", "id": {}, "method": "ping"}', protocol.INVALID_REQUEST),
        ('{"jsonrpc": "2.0", "id": 1, "method": 3}', protocol.INVALID_REQUEST),
        ('{"jsonrpc": "2.0", "id": 1, "method": "resources/list"}', protocol.METHOD_NOT_FOUND),
        ('{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}', protocol.INVALID_PARAMS),
        ('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "rm"}}', protocol.INVALID_PARAMS),
        ('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": []}}', protocol.INVALID_PARAMS),
        (
            '{"jsonrpc": "2.0", "id": 1, "method": "tools/list", '
            '"params": {"_meta": {"io.modelcontextprotocol/protocolVersion": "2099-01-01"}}}',
            protocol.UNSUPPORTED_VERSION,
        ),
    ],
)
def test_what_cannot_be_answered_is_refused_by_its_code(text: str, code: int) -> None:
    said = protocol.answer(text)
    assert isinstance(said, dict)
    assert said["error"]["code"] == code
    assert said["error"]["message"]


def test_the_newest_shaken_revision_is_offered_for_one_that_nobody_knows() -> None:
    def agreed(asked: Any) -> Any:
        params = {"protocolVersion": asked}
        said = protocol.answer_to({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
        assert said
        return said["result"]["protocolVersion"]

    assert [agreed(revision) for revision in protocol.SHAKEN] == list(protocol.SHAKEN)
    assert agreed("1999-01-01") == agreed(None) == protocol.SHAKEN[-1]


def test_several_messages_together_get_their_answers_together() -> None:
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    said = protocol.answer(
        json.dumps([ping, {"jsonrpc": "2.0", "method": "notifications/initialized"}, ping | {"id": "b"}])
    )
    assert said == [{"jsonrpc": "2.0", "id": 1, "result": {}}, {"jsonrpc": "2.0", "id": "b", "result": {}}]


@pytest.mark.django_db
def test_a_database_that_does_not_answer_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", broken)
    params = {"name": "list_collections"}
    said = protocol.answer_to({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    assert said
    assert said["error"]["code"] == protocol.INTERNAL_ERROR


# By HTTP


def posted(message: Any, **headers: str) -> Any:
    text = message if isinstance(message, str) else json.dumps(message)
    client = Client(enforce_csrf_checks=True)
    return client.post(reverse("mcp"), text, content_type="application/json", headers=headers)


def test_a_message_that_wants_no_answer_is_accepted() -> None:
    response = posted({"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (response.status_code, response.content) == (202, b"")


def test_nothing_but_a_message_is_taken() -> None:
    response = Client().get(reverse("mcp"))
    assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")
    assert Client().delete(reverse("mcp")).status_code == 405
    assert posted("nonsense").status_code == 400
    assert posted(b"\xff\xfe\xfd".decode("latin-1")).status_code == 400
    assert posted('{"jsonrpc": "2.0", "id": {}, "method": "ping"}').status_code == 400
    assert posted(" " * (serving.LONGEST + 1)).status_code == 413


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("tools/call", {"name": "never-was", "arguments": {}}, protocol.INVALID_PARAMS),
        ("resources/list", {}, protocol.METHOD_NOT_FOUND),
        ("\ud800", {}, protocol.METHOD_NOT_FOUND),
    ],
)
def test_after_a_handshake_a_refusal_is_an_answer(method: str, params: dict[str, Any], code: int) -> None:
    # The official client of those revisions drops the connection over a 400, and takes a 404 for the session's end.
    message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
    response = posted(message, **{"mcp-protocol-version": protocol.SHAKEN[-1]})
    assert (response.status_code, response.json()["id"], response.json()["error"]["code"]) == (200, 7, code)


def test_without_a_handshake_the_status_says_what_was_refused() -> None:
    params = {"_meta": {"io.modelcontextprotocol/protocolVersion": protocol.STATELESS[-1]}}
    headers = {"mcp-protocol-version": protocol.STATELESS[-1], "mcp-method": "resources/list"}
    response = posted({"jsonrpc": "2.0", "id": 7, "method": "resources/list", "params": params}, **headers)
    assert response.status_code == 404


def test_a_script_of_another_site_may_ask_and_nothing_is_kept() -> None:
    response = posted({"jsonrpc": "2.0", "id": 1, "method": "ping"})
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "no-store" in response["Cache-Control"]
    assert Client().options(reverse("mcp"))["Access-Control-Allow-Methods"] == "POST, OPTIONS"


def test_headers_that_belie_a_message_without_a_handshake_are_refused() -> None:
    revision = protocol.STATELESS[-1]
    params = {"_meta": {"io.modelcontextprotocol/protocolVersion": revision}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params}
    fitting = {"mcp-protocol-version": revision, "mcp-method": "tools/list"}
    assert posted(message, **fitting).status_code == 200
    for headers in ({**fitting, "mcp-method": "ping"}, {"mcp-method": "tools/list"}):
        response = posted(message, **headers)
        assert response.status_code == 400
        assert json.loads(response.content)["error"]["code"] == protocol.HEADER_MISMATCH
