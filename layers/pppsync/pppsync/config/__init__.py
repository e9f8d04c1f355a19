"""Reads the config secret and the events that invoke the functions into frozen values."""
