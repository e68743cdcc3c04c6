"""How does an officer prove who they are? Passwords, second factors, sessions that lock, step-up, and ways back in."""
