"""How public patterns hang together: their relationships from both ends, ways between them, and the map.

`edges` are written for `publishing`; pages and machines read them.
"""
