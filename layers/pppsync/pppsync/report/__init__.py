"""Turns what happened into the response, log records and metrics."""
