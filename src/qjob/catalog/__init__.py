"""The backends that qjob knows: data (backends.toml) and its loader."""
