"""工作台: pages for the staff of offices: worklist, review, decisions, deliveries. No rules of law."""
