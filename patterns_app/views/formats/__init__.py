"""A public pattern in open formats, each beside its page. `record` ← `plain_json`, `jsonld`, `turtle` (with
`lineage`), `bibtex` ← `serving`.

A format is a function: a `Record` in, text out. What is not public is not in a record.
"""
