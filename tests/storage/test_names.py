"""What `storage` and `storage.objects` offer is there when it is asked for, and nothing else is."""

from __future__ import annotations

import subprocess
import sys

import pytest

import storage
import storage.objects


@pytest.mark.parametrize("package", ["storage", "storage.objects"])
def test_every_name_a_package_offers_is_found_by_a_fresh_process(package: str) -> None:
    program = f"from {package} import *; import {package} as p; assert all(n in globals() for n in p.__all__)"

    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("package", [storage, storage.objects])
def test_a_name_that_a_package_does_not_offer_is_refused(package: object) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        getattr(package, "Nothing")  # noqa: B009  a type checker would refuse it as well
