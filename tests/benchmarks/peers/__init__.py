"""What Isnad is compared with: each peer in a file of its own, as a good engineer writes it.

All read the tables of Isnad and answer with its documents, without keys and validation.
"""
