"""REST /api/v1: each endpoint a function whose annotations are its documentation."""
