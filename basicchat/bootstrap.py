"""From settings to a running assistant: plain functions, no container."""
