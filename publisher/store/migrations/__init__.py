"""How does an older database become today's? Alembic revisions, run at start."""
