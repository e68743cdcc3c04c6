"""What is true? Tables, clock, ledger, outbox and pages on SQLite or PostgreSQL."""
