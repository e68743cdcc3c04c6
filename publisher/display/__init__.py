"""How does a display obey? The reference client: what it shows is sealed, newest, unexpired, and honest about its age."""
