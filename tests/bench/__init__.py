"""`make bench`: how long import and export take and how much memory, against raw parsing in the same run; and what the
pages of the editors' desk cost over a large library.

Never part of the test suite: figures depend on the machine, and a test that can fail by weather is none.
"""
