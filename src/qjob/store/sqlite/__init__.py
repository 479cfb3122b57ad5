"""The store in a SQLite file, which is the default: one machine, no server."""
