"""The object store's locks: what became of the last attacks on them, and asking for new ones."""

from typing import Any, Final

from api.calls import Call
from api.jobs import PLAIN_BODY, PlainRequest
from api.operations import Documented, Operation, Runs, Tag
from api.replies import Answer, json_answer
from api.schemas import BOOLEAN, COUNT, TEXT, TIME, choice, described, listed, nullable, record, ref
from api.shapes import receipt_json, time_json
from policies.model import Action, Resource
from retention.locks.words import ATTACK_WORDS, STRENGTH_WORDS
from storage.objects.probe import Attack, Strength

_PATH: Final = "/api/v1/object-store/locks"


def get_locks(call: Call[None, None]) -> Answer:
    """Return what became of each attack in the last probe."""
    call.require_reading(Action.RETENTION_READ, Resource("object_store"))
    with call.services.storage.database.read() as connection:
        results = call.services.locks.probed(connection)
    items = [
        {
            "bucket": one.bucket,
            "attack": one.attack.value,
            "attack_zh": ATTACK_WORDS[one.attack].zh,
            "attack_en": ATTACK_WORDS[one.attack].en,
            "result": one.strength.value,
            "result_zh": STRENGTH_WORDS[one.strength].zh,
            "result_en": STRENGTH_WORDS[one.strength].en,
        }
        for one in results
    ]
    last = max(results, key=lambda one: one.entry_index, default=None)
    return json_answer(
        {
            "good": bool(results) and all(one.strength is Strength.ENFORCED for one in results),
            "probed_at": None if last is None else time_json(last.probed_at),
            "entry": None if last is None else last.entry_index,
            "items": items,
        }
    )


def request_probe(call: Call[None, PlainRequest]) -> Answer:
    """Ask for a probe."""
    event_id = call.body.event_id or call.new_event_id()
    committed = call.services.storage.log.commit(call.services.locks.request_probe(call.principal, event_id=event_id))
    body = {"replayed": committed.replayed, "receipt": receipt_json(committed.receipt)}
    return json_answer(body, 202, (("Location", _PATH),))


OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path=_PATH,
        name="get_object_locks",
        tag=Tag.RETENTION,
        summary="Whether the object store's locks hold",
        description=(
            "What became of each attack when the locks were probed last. `accepted_not_enforced` is worse than "
            "`unsupported`: the store takes the lock, shows it, and does not keep it."
        ),
        run=get_locks,
        runs=Runs.IN_THREAD,
        answers=(
            Documented(
                200,
                "The last probe; no items before the first.",
                record(
                    {
                        "good": described(BOOLEAN, "Everything is enforced."),
                        "probed_at": nullable(TIME),
                        "entry": nullable(COUNT),
                        "items": listed(
                            record(
                                {
                                    "bucket": TEXT,
                                    "attack": choice(Attack),
                                    "attack_zh": TEXT,
                                    "attack_en": TEXT,
                                    "result": choice(Strength),
                                    "result_zh": TEXT,
                                    "result_en": TEXT,
                                }
                            )
                        ),
                    }
                ),
                example={
                    "good": True,
                    "probed_at": "2026-11-22T04:00:00.000000Z",
                    "entry": 1207,
                    "items": [
                        {
                            "bucket": "records",
                            "attack": "delete_version",
                            "attack_zh": ATTACK_WORDS[Attack.DELETE_VERSION].zh,
                            "attack_en": ATTACK_WORDS[Attack.DELETE_VERSION].en,
                            "result": "enforced",
                            "result_zh": STRENGTH_WORDS[Strength.ENFORCED].zh,
                            "result_en": STRENGTH_WORDS[Strength.ENFORCED].en,
                        }
                    ],
                },
            ),
        ),
    ),
    Operation(
        method="POST",
        path="/api/v1/object-store/probes",
        name="request_lock_probe",
        tag=Tag.RETENTION,
        summary="Probe the object store's locks",
        description="Attacks canaries of its own, as a job. It is done every night as well.",
        run=request_probe,
        runs=Runs.IN_THREAD,
        body=PLAIN_BODY,
        answers=(
            Documented(
                202,
                "Asked for; `Location` says what became of it.",
                record({"replayed": BOOLEAN, "receipt": ref("Receipt")}),
                headers={"Location": "The last probe."},
            ),
        ),
        refusals=(409,),
    ),
)
