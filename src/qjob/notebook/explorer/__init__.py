"""The results explorer: all jobs of the store, to filter, sort, watch, open, compare and clear away."""
