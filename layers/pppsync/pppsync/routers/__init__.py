"""Talks to RouterOS: bytes, sentences, login, gateway, pipeline. The only importer of librouteros."""
