"""Tells people of a plan that waits for them (G15): the event of the bucket in, a text for the alarm topic out."""
