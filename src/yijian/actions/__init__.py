"""Everything that changes something: one function, one transaction, one journal entry per change.

Doors call these functions with `by` first and `now` last. Nothing outward happens here: messages
become outbox rows in the same commit, and jobs deliver them afterwards.
"""
