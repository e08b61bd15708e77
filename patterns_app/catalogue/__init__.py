"""What is public, as lists: by domain, collection, audience, stage, contributor, entity, community …

`terms` are written for `publishing`; pages and machines read them.
"""
