"""The store in a PostgreSQL server: several machines, one budget. Imported where a URL names one, as psycopg is."""
