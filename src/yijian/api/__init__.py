"""Doors for machines: departments, hospitals and whoever else speaks to this node by signed HTTP.

What lives here: who is at the door, what a request may look like, and the one error model. What
does not: what a request means (`actions`) and what may be seen (`records`).
"""
