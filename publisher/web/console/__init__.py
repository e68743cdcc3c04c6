"""Where does a duty officer work? Server-rendered pages over the same deeds as the API."""
