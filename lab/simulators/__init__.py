"""Stateful, strict stand-ins for the CRM and the router: real wire protocols, used by demo, tests and benchmarks."""
