"""What is true, whoever stores or shows it: the rules of a joint service as values and functions.

Standard library only: no clock, no randomness, no input or output, no Django. `now`, identifiers
and compiled conditions are handed in.
"""
