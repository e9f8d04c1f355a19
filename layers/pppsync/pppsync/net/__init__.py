"""Time limits and trust: deadline, endpoint, TLS."""
