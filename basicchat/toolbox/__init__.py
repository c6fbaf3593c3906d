"""What finds, checks and runs tools."""
