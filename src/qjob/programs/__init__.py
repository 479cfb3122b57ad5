"""From what a user has (qiskit, Braket, OpenQASM) to a Program, and from a Program to a circuit."""
