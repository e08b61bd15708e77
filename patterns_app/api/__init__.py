"""The read-only JSON API: what is public, for programs, with an OpenAPI description made of the code itself.

`answers`, `neighbourhood`, `retrieval` find and say it as plain data, and know no request; `endpoints` declares it with
the types of `schemas`; `serving` gives it addresses, caches and a page for people. `mcp` says the same by other means.
"""
