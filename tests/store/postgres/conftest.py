"""Tests of what is PostgreSQL's own."""

import pytest


@pytest.fixture
def database():
    return "postgres"
