"""The self-test of a deployment."""
