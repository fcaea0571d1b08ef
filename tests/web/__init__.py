"""Pages, seen from outside (网页)."""
