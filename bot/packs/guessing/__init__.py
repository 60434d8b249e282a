"""A test-wise guesser: how far somebody gets who knows nothing of the subject and looks at the form of the options."""
