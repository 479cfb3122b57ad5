"""The local simulators, by Qiskit Aer.

What the kernel loads (provider, admission, options, noise, plan, memory) imports neither qiskit nor Aer; the rest is
imported inside `AerBackend.run`, in a worker process.
"""
