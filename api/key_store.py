"""The key screen: epochs, how many keys there are, when they were last backed up and proved. No key is opened for it."""

from typing import Any, Final

from api.calls import Call
from api.operations import Documented, Operation, Runs, Tag
from api.replies import Answer, json_answer
from api.schemas import BOOLEAN, COUNT, TEXT, TIME, described, listed, nullable, record
from api.shapes import time_json
from audit.canonical import JSON
from policies.model import Action, Resource
from storage.keystore_care import Fact


def get_key_store(call: Call[None, None]) -> Answer:
    """Return how the key store is."""
    call.require_reading(Action.KEYS_MANAGE, Resource("key_store"))
    return json_answer(call.services.storage.keys.report().to_json(_fact_json))


def _fact_json(fact: Fact) -> JSON:
    return {"at": time_json(fact.at), "keys": fact.keys}


_BY_KIND: Final = {"type": "object", "additionalProperties": COUNT}
_FACT: Final = nullable(record({"at": TIME, "keys": COUNT}))

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/key-store",
        name="get_key_store",
        tag=Tag.KEYS,
        summary="How the key store is",
        description=(
            "Epochs, how many keys of which kind each wraps, and when the store was last backed up and the backup proved. "
            "More than one epoch means that a roll was begun and must be ended. For operators."
        ),
        run=get_key_store,
        runs=Runs.IN_THREAD,
        answers=(
            Documented(
                200,
                "The key store.",
                record(
                    {
                        "root_fingerprint": described(TEXT, "Tells root keys apart, and nothing about them."),
                        "epochs": listed(record({"epoch": COUNT, "keys": _BY_KIND})),
                        "keys": _BY_KIND,
                        "destroyed": described(COUNT, "Documents whose keys were destroyed."),
                        "rolling": BOOLEAN,
                        "last_backup": _FACT,
                        "last_test_restore": _FACT,
                        "last_roll": _FACT,
                    }
                ),
                example={
                    "root_fingerprint": "5f70bf18a0860070",
                    "epochs": [{"epoch": 2, "keys": {"document": 1280, "person": 41, "secret": 3, "signing": 1}}],
                    "keys": {"document": 1280, "person": 41, "secret": 3, "signing": 1},
                    "destroyed": 7,
                    "rolling": False,
                    "last_backup": {"at": "2026-11-22T04:00:00.000000Z", "keys": 1325},
                    "last_test_restore": {"at": "2026-11-22T04:00:00.000000Z", "keys": 1325},
                    "last_roll": None,
                },
            ),
        ),
    ),
)
