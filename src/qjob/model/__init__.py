"""Values without I/O: what a job, a circuit, counts, an event and an error are."""
