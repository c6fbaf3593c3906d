"""What the program says about itself: log and egress ledger. Silent by default."""
