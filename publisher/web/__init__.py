"""Through which window is the hub seen? API, console, public pages, displays and provider callbacks, in aiohttp."""
