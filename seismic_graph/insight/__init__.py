"""Insight: what the record shows, what it does not hold, and how sure it is. Pure: flows and things in, values out."""
