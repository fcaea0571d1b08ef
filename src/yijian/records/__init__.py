"""The database, and only the database: rows, sealing, the journal, loading, saving and access.

What lives here: tables and their constraints, how a `domain` value becomes rows and back, who may
reach one person's data, and the journal that proves all of it. What does not: rules (`domain`),
changes (`actions`), pages and doors. Nobody but `records` and `actions` imports `records.models`.
"""
