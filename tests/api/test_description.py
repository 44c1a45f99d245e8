"""The API's description, and whether the API keeps to it: generated calls, right and wrong ones.

No call may end in a fault of ours, or in a status, media type or body that is not described.
"""

from __future__ import annotations

import base64
import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.application import OPERATIONS, create_api
from api.openapi import PATH, openapi_document
from api.operations import Public
from policies.model import Role
from tests.api.desk import SETTINGS, Desk, furnish_desk
from tests.api.test_pending import propose
from tests.documents.archive import note, row
from tests.furnished import Furnished

with warnings.catch_warnings():
    # What it imports is deprecated, and not ours to change.
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.checks import load_all_checks, not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_headers_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

EXAMPLES = 8
TUS = {
    "Tus-Resumable": "1.0.0",
    "Upload-Length": "5",
    "Upload-Offset": "0",
    "Upload-Metadata": f"class {base64.b64encode(b'photo').decode()},store {base64.b64encode(b'MK01').decode()}",
}
"""Headers of resumable uploads, which nothing else looks at."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("application/offset+octet-stream")
def octets(_context: Any, value: Any) -> bytes:
    """A part of an upload as it is sent."""
    return value if isinstance(value, bytes) else str(getattr(value, "data", value)).encode()


NAMES = [operation.name for operation in OPERATIONS]


def test_the_description_is_openapi_3_1_and_complete(desk: Desk) -> None:
    document = desk.get(PATH, by=None).json()

    assert document["openapi"] == "3.1.0"
    found = {operation["operationId"]: operation for path in document["paths"].values() for operation in path.values()}
    assert set(found) == {*NAMES, "get_openapi"}
    for operation in OPERATIONS:
        described = found[operation.name]
        assert described["summary"]
        assert set(described["responses"]) >= {"400", "429", "500", "503"}
        if operation.body is not None:
            assert set(described["responses"]) >= {"413", "415", "422"}
            for content in described["requestBody"]["content"].values():
                assert content["examples"]
        assert (described["security"] == []) == (operation.public is Public.ANYBODY)


def test_every_example_of_a_body_is_one() -> None:
    document = openapi_document(OPERATIONS, SETTINGS)
    checked = 0
    for path in document["paths"].values():
        for operation in path.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            schema = json.loads(json.dumps({**content["schema"], "components": document["components"]}))
            for example in content["examples"].values():
                jsonschema_rs.validate(schema, json.loads(json.dumps(example["value"])))
                checked += 1
    assert checked > 20


@pytest.fixture(scope="module")
def fuzzed(furnished: Furnished, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A retailer with something of everything, for all generated calls together; its log is verified at the end."""
    with furnished.opened("sqlite", furnish_desk, tmp_path_factory.mktemp("fuzzed")) as (world, whole_key):
        desk = Desk(world, whole_key=whole_key)
        desk.adjust(50)
        desk.adjust(5, sku="C1", batch="L1", expiry="2028-01-31")
        desk.open()
        desk.extraction = note(row(sku="A1", quantity="1"))
        desk.add_read(b"read", folders=["sku/A1"], tags=["t"])
        desk.received(b"whole")
        yield desk
        desk.world.check()
        assert desk.reconcile() == []


class Caller:
    """Calls generated cases, as one principal or another."""

    def __init__(self, desk: Desk) -> None:
        self.clock = desk.world.clock
        services = replace(desk.services, settings=replace(SETTINGS, stream_s_max=0.05, heartbeat_s=0.01))
        load_all_checks()
        self.schema = schemathesis.openapi.from_asgi(PATH, create_api(services))
        tokens = [desk.token(role, minutes=10_000_000) for role in (Role.OPERATOR, Role.COMPLIANCE_OFFICER, Role.DPO)]
        self.credentials = [desk.whole_key, *tokens, None]

        self.known = known_values(desk)

    def operation(self, name: str) -> Any:
        return self.schema.find_operation_by_id(name)

    def make_real(self, case: Any, draw: Callable[[list[Any]], Any]) -> None:
        """Puts things that exist where the case names things, and leaves out what almost surely does not."""
        for members in (case.path_parameters, case.query, case.body):
            if isinstance(members, dict):
                for name in set(members) & set(self.known):
                    members[name] = draw(self.known[name])
                members.pop("cursor", None)
                members.pop("event_id", None)

    def check(self, case: Any, credentials: str | None) -> None:
        # Nobody runs out of calls a minute.
        self.clock.advance(seconds=1)
        headers = {"X-Request-ID": str(uuid4()), **TUS}
        if credentials is not None:
            headers["Authorization"] = f"Bearer {credentials}"
        case.validate_response(case.call(headers=headers), checks=CHECKS)


def known_values(desk: Desk) -> dict[str, list[Any]]:
    """Things that exist, by the names under which calls name them."""
    people = [desk.person(role).id for role in (Role.STAFF, Role.STORE_MANAGER)]
    clients = [desk.client().id for _ in range(2)]
    papers = [desk.add(b"%d" % n).document for n in range(2)]
    job = desk.do(desk.queue.submit(desk.world.event(), "log.verify", {"scope": "whole"}))
    officer = desk.person(Role.COMPLIANCE_OFFICER)
    return {
        "pending": [propose(desk, officer).id for _ in range(3)],
        "store": ["MK01", "TST1"],
        "sku": ["A1", "W1", "C1"],
        "reason": ["receive", "sale"],
        "code": ["A1", "MK01", "KLN", "sale", "fresh"],
        "area": ["KLN"],
        "batch": ["L1"],
        "change": [1, -1, "0.5"],
        "corrects": list(range(desk.size())),
        "index": list(range(desk.size())),
        "size": [1, desk.size()],
        "first": [0, 1, 5],
        "second": [5, desk.size()],
        "start": [0, 3],
        "stop": [5, desk.size()],
        "principal": [*people, *clients],
        "client": clients,
        "key": [desk.key(client).key.id for client in clients],
        "scopes": [["stock.read"], ["log.read", "stock.adjust"]],
        "stocktake": [item.id for item in [desk.open("TST1")]],
        "job": [job],
        "kind": ["store", "area", "all", "log.verify"],
        "target": ["MK01", "KLN", ""],
        "lines": [[{"sku": "A1", "counted": 3}], [{"scan": "4891234567898"}]],
        "gtin": ["4006381333931", None],
        "scan": ["4891234567898"],
        "expires_at": ["2027-01-01T00:00:00Z"],
        "occurred_at": ["2026-11-22T00:00:00Z"],
        "expiry": ["2028-01-31"],
        "path": ["0/000.p/1", "entries/000.p/2", "0/000.p/9"],
        "by": ["2030-01-01"],
        "document": papers,
        "upload": [str(desk.received(b"whole")), str(desk.received(b"other"))],
        "version": [1, 2],
        "class": ["delivery_note", "photo"],
        "supplier": ["SUP1"],
        "folder": ["sku/A1"],
        "tag": ["t"],
        "name": ["thumbnail", "page-0001"],
        "value": ["2027-01-01", None],
    }


@pytest.fixture(scope="module")
def caller(fuzzed: Desk) -> Caller:
    return Caller(fuzzed)


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", NAMES)
def test_generated_calls_end_as_described(caller: Caller, name: str, mode: Any) -> None:
    run(caller, name, mode, examples=EXAMPLES, derandomize=True)


@pytest.mark.long
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", NAMES)
def test_many_generated_calls_end_as_described(caller: Caller, name: str, mode: Any) -> None:
    run(caller, name, mode, examples=500, derandomize=False)


def run(caller: Caller, name: str, mode: Any, *, examples: int, derandomize: bool) -> None:
    operation = caller.operation(name)
    if mode is schemathesis.GenerationMode.NEGATIVE and not (list(operation.iter_parameters()) or operation.body):
        pytest.skip("nothing that could be wrong")

    @settings(
        max_examples=examples,
        derandomize=derandomize,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(mode), st.sampled_from(caller.credentials), st.booleans(), st.data())
    def calls(case: Any, credentials: str | None, real: bool, data: st.DataObject) -> None:
        if real and mode is schemathesis.GenerationMode.POSITIVE:
            caller.make_real(case, lambda values: data.draw(st.sampled_from(values)))
        caller.check(case, credentials)

    calls()
