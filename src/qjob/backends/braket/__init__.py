"""Amazon Braket: simulators and quantum computers of several vendors, through its own client in an agent."""
