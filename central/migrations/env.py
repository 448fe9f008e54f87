"""Alembic's environment: it only writes SQL; central.migrations runs it."""

from alembic import context

context.configure(
    dialect_name="postgresql", literal_binds=True, dialect_opts={"paramstyle": "named"}, transactional_ddl=False
)
context.run_migrations()
