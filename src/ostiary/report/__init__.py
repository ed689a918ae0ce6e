"""Saying what an audit found: on a terminal, as JSON, as SARIF and as one HTML page."""
