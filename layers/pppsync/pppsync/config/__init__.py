"""The config secret and the events that invoke the functions, as frozen values."""
