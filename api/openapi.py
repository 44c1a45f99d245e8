"""The API's description: OpenAPI 3.1, made from the declared operations.

It is served as JSON and loads nothing from anywhere.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from api.access_schemas import ACCESS_SCHEMAS
from api.calls import Call
from api.document_schemas import DOCUMENT_SCHEMAS
from api.ndjson import MEDIA_TYPES
from api.operations import Documented, Operation, Public, Runs, Stated, Tag
from api.problems import MEDIA_TYPE
from api.replies import BARE, JSON_TYPE, Answer
from api.schemas import SCHEMAS, ref
from api.services import ApiSettings
from api.unmasking import PURPOSE_PARAMETER
from api.using import use_parameters

PATH: Final = "/api/v1/openapi.json"

Json = dict[str, Any]

_TAGS: Final[Mapping[Tag, str]] = {
    Tag.LOG: "審計紀錄 · The audit log: looking it up, taking it out, following it.",
    Tag.PROOFS: "證明 · Proofs and checkpoints.",
    Tag.VERIFICATION: "驗證 · Verification and reconciliation, as jobs.",
    Tag.STOCK: "倉存 · Stock moves, corrections and balances.",
    Tag.CATALOGUE: "貨品目錄 · SKUs, lots and reasons.",
    Tag.STOCKTAKES: "盤點 · Stocktakes.",
    Tag.DOCUMENTS: "文件 · Documents: classes, suppliers, folders, versions, content.",
    Tag.UPLOADS: "上載 · Resumable uploads (tus 1.0).",
    Tag.REVIEWS: "核對 · What was read from papers: questions, corrections, stock from paper.",
    Tag.NOTICES: "通知 · Notices: channels, rules, what became of messages.",
    Tag.RETENTION: "保留及處置 · Retention, holds, disposal, the object store's locks.",
    Tag.APPROVALS: "批核 · What waits for a second person.",
    Tag.GRANTS: "限時授權 · Access for a time: engagements of auditors, breaking the glass.",
    Tag.POLICIES: "政策 · Policy bundles: what decides, and how another comes to.",
    Tag.RESIDENCY: "資料存放地 · Residency: destinations, processors, transfers, findings, and the public annex.",
    Tag.CASES: "個案 · Requests of people about their own data: access, correction, refusals, the log book.",
    Tag.INCIDENTS: "事故及通知 · Data breaches, enforcement notices, cessation notices.",
    Tag.ORGANISATION: "組織 · Areas and stores.",
    Tag.PEOPLE: "帳戶 · People and machine clients.",
    Tag.KEYS: "金鑰 · API keys.",
    Tag.TILES: "鏡像 · The log as C2SP tlog-tiles, for foreign clients.",
    Tag.SERVICE: "服務 · What the service says about itself.",
}
_REFUSALS: Final[Mapping[int, str]] = {
    400: "The bytes or a parameter cannot be read.",
    401: "Nobody we know: no credentials, or not valid ones.",
    403: "Known, and not allowed; the denial is in the log.",
    404: "No such thing.",
    408: "The body came too slowly; what a resumable upload received is kept.",
    409: "It contradicts what is already recorded.",
    410: "It was there, and is gone for good.",
    412: "Another protocol version, or not as the caller expects it.",
    413: "Too much.",
    415: "Not a form that is read.",
    416: "The range lies outside the content.",
    422: "Read, but a member is wrong; `errors` says which.",
    423: "Somebody is working on it; `Retry-After` says when to come back.",
    429: "Too often; `Retry-After` says when to come back.",
    460: "The checksum differs: this part arrived damaged (tus).",
    500: "A fault on our side; tell the operator the request id.",
    503: "Not now: nothing was recorded, or it is not known; `Retry-After` says when to come back.",
}
_ALWAYS: Final = (400, 429, 500, 503)
_SIGNED_IN: Final = (401, 403)
_WITH_BODY: Final = (413, 415, 422)
_DESCRIPTION: Final = """\
Every change is an entry of a tamper-evident log, durable when it is answered, and its answer carries a receipt that
proves it on its own.

* Sign in with `Authorization: Bearer` and an access token or an API key (`ck_…`).
* Numbers are integers; decimals are texts. Times carry their zone. Unknown members are refused.
* `event_id` (a UUID of yours) makes a repeated call the same event, for ever.
* Problems follow RFC 9457, in Hong Kong Chinese or English by `Accept-Language`; `code` is stable, and `/problems` lists all.
* `HEAD` is answered wherever `GET` is, with the same headers and no content; it is decided, counted and recorded as `GET` is.
* `RateLimit` and `RateLimit-Policy` say what you have left.
"""


def openapi_document(operations: Sequence[Operation[Any, Any]], settings: ApiSettings) -> Json:
    """Return the document for these operations."""
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, settings)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Chopbook",
            "version": settings.version,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": settings.public_url}],
        "tags": [{"name": tag.value, "description": text} for tag, text in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": {**SCHEMAS, **DOCUMENT_SCHEMAS, **ACCESS_SCHEMAS},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token of this service or of your organisation's identity provider.",
                },
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "ck_<prefix>_<secret>",
                    "description": "An API key of a machine client.",
                },
            },
        },
    }


def _operation(operation: Operation[Any, Any], settings: ApiSettings) -> Json:
    found: Json = {
        "operationId": operation.name,
        "tags": [operation.tag.value],
        "summary": operation.summary,
        "parameters": [
            *(_parameter(operation, name) for name in operation.parameters.members),
            *([PURPOSE_PARAMETER] if operation.unmasks else []),
            *_use_parameters(operation),
        ],
        "responses": _responses(operation, public=operation.is_public(settings)),
        "security": [] if operation.public is Public.ANYBODY else [{"token": []}, {"key": []}],
    }
    if operation.is_public(settings) and operation.public is Public.BY_SETTING:
        found["security"].append({})
    if operation.description:
        found["description"] = operation.description
    body = operation.body
    if body is not None:
        content: Json = {}
        for media_type in body.media_types:
            if media_type in MEDIA_TYPES:
                # One row a line: what a schema of the whole cannot say.
                example = "".join(orjson.dumps(row).decode() + "\n" for row in body.example)  # type: ignore[attr-defined]
                content[media_type] = {"schema": {"type": "string"}, "examples": {"rows": {"value": example}}}
            else:
                content[media_type] = {"schema": body.schema, "examples": {"usual": {"value": body.example}}}
        found["requestBody"] = {"required": not body.optional, "content": content}
    if operation.incoming is not None:
        found["requestBody"] = {
            "required": True,
            "description": operation.incoming.description,
            "content": {name: {"schema": schema} for name, schema in operation.incoming.media_types.items()},
        }
    return found


def _use_parameters(operation: Operation[Any, Any]) -> list[Json]:
    if operation.uses is Stated.NOT:
        return []
    return use_parameters(required=operation.uses is Stated.ALWAYS)


def _parameter(operation: Operation[Any, Any], name: str) -> Json:
    reader = operation.parameters.members[name]
    schema = dict(reader.schema)
    found: Json = {
        "name": name,
        "in": "path" if name in operation.in_path else "query",
        "required": name in operation.parameters.required,
        "schema": schema,
    }
    if "description" in schema:
        found["description"] = schema.pop("description")
    return found


def _responses(operation: Operation[Any, Any], *, public: bool) -> Json:
    found: Json = {str(answer.status): _answer(answer) for answer in operation.answers}
    statuses = {*_ALWAYS, *operation.refusals, *(() if operation.uses is Stated.NOT else (422,))}
    if operation.public is not Public.ANYBODY:
        statuses |= set(_SIGNED_IN)
    if operation.body is not None or operation.incoming is not None:
        statuses |= set(_WITH_BODY)
    for status in sorted(statuses):
        found[str(status)] = {
            "description": _REFUSALS[status],
            "headers": _headers({"Retry-After": "Seconds."} if status in {423, 429, 503} else {}),
            "content": {MEDIA_TYPE: {"schema": ref("Problem")}},
        }
    return found


def _answer(answer: Documented) -> Json:
    content: Json = {}
    if answer.schema is not None:
        content["schema"] = answer.schema
    if answer.example is not None:
        content["examples"] = {"usual": {"value": answer.example}}
    found: Json = {"description": answer.description, "headers": _headers(answer.headers)}
    return found if answer.status in BARE else {**found, "content": {answer.media_type: content}}


def _headers(own: Mapping[str, str]) -> Json:
    named = {"X-Request-ID": "Names this call in our logs; yours, if you sent one.", **own}
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in named.items()}


def openapi_operation(operations: Sequence[Operation[Any, Any]], settings: ApiSettings) -> Operation[Any, Any]:
    """Return the operation that serves the description of these operations, and of itself."""

    def get_openapi(_call: Call[None, None]) -> Answer:
        return answer

    operation: Operation[Any, Any] = Operation(
        method="GET",
        path=PATH,
        name="get_openapi",
        tag=Tag.SERVICE,
        summary="This description",
        run=get_openapi,
        runs=Runs.ON_LOOP,
        answers=(Documented(200, "OpenAPI 3.1.", {"type": "object"}),),
        public=Public.ANYBODY,
    )
    body = orjson.dumps(openapi_document((*operations, operation), settings))
    answer = Answer(body, media_type=JSON_TYPE, headers=(("Cache-Control", "public, max-age=300"),))
    return operation
