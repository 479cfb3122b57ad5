"""Code that arrived in a request, run in a process of its own that can reach nothing, for the circuit it makes."""
