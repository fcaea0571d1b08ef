"""A pretend outside world in its own process, speaking only HTTP."""
