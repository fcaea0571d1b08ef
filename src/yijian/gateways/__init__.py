"""Systems we call: registers, departments, identity, live-person check, SMS, courier.

One folder for each outside system: what is asked, and how its answer becomes values. What does not
live here: when to ask (`ops.jobs`) and what follows from an answer (`actions`). Nothing here reads
settings or rows; addresses, keys and the HTTP client are handed in.
"""
