"""Figures about claims and verdicts: reckoned of columns, which are kept beside the record."""
