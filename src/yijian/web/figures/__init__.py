"""公开统计 open figures: what the public may know of how the joint service runs, and as data."""
