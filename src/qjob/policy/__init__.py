"""Pure decisions. No clock, no database: both come as arguments."""
