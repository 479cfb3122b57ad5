"""Pictures of what jobs measured: histograms that can be sorted, reduced and compared, and final states."""
