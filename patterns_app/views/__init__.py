"""What the public sees, made of snapshots alone.

`addresses`, `caching` ← `citation` ← `formats` ← `feeds`, `machines` (← `schema`); `page` and all of these ← `public`.
"""
