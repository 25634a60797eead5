"""The only place that knows SQL: migrations, rows, store and the append-only ledger."""
