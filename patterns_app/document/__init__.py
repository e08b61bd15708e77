"""Pattern files as plain data: read a text, change it without touching what was not meant, write a new one.

Nothing here knows Django, a disk or a database. Text in, text out. The two doors are
`patterns_app.document.reading.read` and `patterns_app.document.writing.write`.
"""
