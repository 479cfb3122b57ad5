"""Marqov's job API, below ``qjob/api/``."""
