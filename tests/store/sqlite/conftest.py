"""Tests of what is SQLite's own."""

import pytest


@pytest.fixture
def database():
    return "sqlite"
