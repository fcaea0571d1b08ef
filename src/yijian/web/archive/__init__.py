"""档案室: pages of the archive, on the desk: reading room, hand-over, disposal."""
