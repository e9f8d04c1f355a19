"""Decides what must be true on a router. Pure: no I/O, no clock, no log; imports nothing of ours."""
