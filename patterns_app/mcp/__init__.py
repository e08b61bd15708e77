"""A server of the Model Context Protocol (https://modelcontextprotocol.io): the library as tools for agents, to read.

`tools` says what they do, with the API's own answers; `protocol` turns a message into its answer, and remembers nothing
from one to the next; `serving` takes messages by HTTP, the command `serve_mcp` by standard input. The protocol is a few
JSON objects for a server like this one, so there is no framework behind it; the tests talk to it with the official one.
"""
