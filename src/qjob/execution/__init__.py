"""How an admitted job gets run: worker processes, and the executor that drives them."""
