"""Whether a migration is backward compatible: judged on a populated database, not by its text.

Every step is read (what its SQL says), watched (what the server does), and followed by what
statements of the version before then get. `findings` is what all of that comes to.
"""
