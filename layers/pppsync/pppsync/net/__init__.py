"""Bounds time and checks trust: deadline, endpoint, TLS."""
