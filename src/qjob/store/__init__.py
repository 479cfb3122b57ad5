"""The one source of truth: jobs, their logs, progress and results, in SQLite."""
