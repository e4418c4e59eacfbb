"""A phone in the browser: what a person does with the mock's phones, on a page."""
