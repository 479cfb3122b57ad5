"""Amazon Braket: its cloud simulators and QPUs, through Amazon's own client."""
