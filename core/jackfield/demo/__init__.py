"""What `jackfield demo` runs: two clients with a past, and customers who write by themselves."""
