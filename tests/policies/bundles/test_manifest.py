"""A bundle's bytes: one form, one digest, and nothing that is not of the form."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from audit.canonical import encode
from policies.bundles.manifest import BUNDLE_BYTES_MAX, BundleInvalid, manifest_json, parse_manifest, read_manifest
from policies.engine import load, ready, shipped
from tests.policies.bundles.vectors import policy_bundle, small

VECTORS = policy_bundle()


def test_a_bundle_is_read_back_from_its_bytes() -> None:
    assert read_manifest(small().content) == small()
    assert hashlib.sha256(VECTORS["text"].encode()).hexdigest() == VECTORS["digest"]


def test_the_shipped_bundle_is_one_by_its_digest() -> None:
    manifest = shipped().manifest
    assert manifest is not None

    again = load(manifest.content)

    assert (again.digest, again.text, again.schema) == (shipped().digest, shipped().text, shipped().schema)
    assert again.permits == shipped().permits
    assert shipped().digest == manifest.digest


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_what_has_another_form_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(BundleInvalid):
        read_manifest(case["text"].encode())


def test_lists_of_a_draft_may_come_in_any_order() -> None:
    members: dict[str, Any] = json.loads(small().content)
    two = [{"name": "b.cedar", "text": "// b"}, {"name": "a.cedar", "text": "// a"}]

    one, other = (parse_manifest({**members, "policies": files}) for files in (two, two[::-1]))

    assert one.digest == other.digest
    with pytest.raises(BundleInvalid):
        read_manifest(encode({**manifest_json(one), "policies": two}))


def test_what_is_too_long_or_not_json_is_refused() -> None:
    with pytest.raises(BundleInvalid, match="at most"):
        parse_manifest({**manifest_json(small()), "schema": "x" * BUNDLE_BYTES_MAX})
    for content in (b"", b"{}", b"[]", b"{ }", b"\xff"):
        with pytest.raises(BundleInvalid):
            read_manifest(content)


def test_a_text_that_canonical_json_refuses_is_no_bundle() -> None:
    with pytest.raises(BundleInvalid):
        _ = replace(small(), schema="\ud800").content


def test_a_role_or_an_action_that_there_is_not_is_refused() -> None:
    schema = small().schema.replace('"log.read"', '"log.burn"')
    burning = replace(
        small(),
        schema=schema,
        policies=tuple(replace(file, text=file.text.replace("log.read", "log.burn")) for file in small().policies),
    )

    with pytest.raises(BundleInvalid, match="expected a role and actions that there are"):
        ready(burning)
