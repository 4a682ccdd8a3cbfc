"""A week of two desks with five people each, played over HTTP, beside a reckoning of it.

Everybody acts at random, by a seed, and often does what may not be done. Whatever is asked, the
reckoning says beforehand whether it is made or by which rule it is refused. `tests/test_week.py`
plays it, and compares what is told in the end.

The days of the week are in what is filed (articles appear on them, due dates are around them); the
server's own instants are those of the seconds that all of it takes, as it has one clock.

Each module knows those above it:

    ledger                 the reckoning, by the rules in `tests/rules.py`; asks nobody
    browser                how somebody asks the server
    state                  the week so far: who is there, and what was reckoned
    people, claims, queue  what people do: they come in, file, and share the work out,
    verdicts, drafts       judge, and judge in twos
    desks, contests        what befalls a desk: new rules, a leaver, a contested verdict
    races, refusals        what is done at the same moment, and what may not be done at all
    days                   which of it happens when
"""
