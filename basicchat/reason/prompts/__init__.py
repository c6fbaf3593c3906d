"""What models are told, one file a prompt, each with a version that changes when its words do."""
