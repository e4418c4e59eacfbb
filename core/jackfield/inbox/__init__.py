"""The verbs of the conversation model: what comes in, what people do, what goes out, what is read."""
