"""How well the warehouse knows one opera, one singer, one evening: real productions against labels made by hand.

``python -m benchmarks.resolution FILE`` stages productions of a JSON Lines file as pages that were read and reviewed,
builds the warehouse in a scratch database, and counts what `tests/dbt/labels` says about it. The held-out half of the
labels shows in totals alone; what went wrong is listed for the other half only.
"""
