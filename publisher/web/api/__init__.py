"""What can programs ask and do? The JSON API under /api/v1, each module one table of routes."""
