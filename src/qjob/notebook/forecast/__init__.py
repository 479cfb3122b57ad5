"""What a notebook would cost before it is run: its job cells, what each would cost, and the total."""
