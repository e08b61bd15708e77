"""Library folder ⇄ rows.

`plan` never writes and `apply` never reads files. `parsing` and `library` are plain Python, so that the processes that
parse files need neither Django nor a database.
"""
