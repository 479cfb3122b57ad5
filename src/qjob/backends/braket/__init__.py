"""Amazon Braket's managed simulators and QPUs.

The kernel imports nothing from here that needs qiskit, boto3 or the Braket SDK; what does runs in its own process.
"""
