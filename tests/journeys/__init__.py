"""Whole journeys in a browser against a whole platform: pages, worker, database and sandbox."""
