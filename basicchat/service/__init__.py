"""What interfaces call: the assistant and its parts."""
