"""What runs programs. base.py is the protocol; each adapter has a folder; entry points find them."""
