from __future__ import annotations

import pytest

from provenance.model.report import Report
from provenance.registry import load_members
from provenance.reports import formats
from provenance.reports.interface import Format
from tests.reports.golden.report import golden_report


@pytest.fixture(scope="session")
def golden() -> Report:
    return golden_report()


@pytest.fixture(scope="session")
def known_formats() -> dict[str, Format]:
    return load_members(formats, Format)
