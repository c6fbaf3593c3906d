"""From a question to an answer: gate, prompt, stream, citations. Modes are in `basicchat.reason.modes`."""
