#!/usr/bin/env python3
"""Joins the files of this folder into one OpenAPI document, and adds what is alike for every operation.

    join.py VERSION OUT.json DESK.json THEME.json...

A theme has `paths` and `components` of its own. What an author need not write:
- the answers that every operation has (400, and whatever the protocol refuses), that every operation behind a token
  has (401, 403, 429, 503: `x-usher-role` says so), that every body brings (415, 422), and that every POST brings by its
  Idempotency-Key (409, 422), and that a wedding day's freeze may hold back (423: `x-usher-frozen` says so);
- the headers of every response, and those of every metered one;
- the content of the shared refusals: `x-codes` and an `example` become a problem document.
Errors (a member twice, a name twice, a reference that leads nowhere) end the build.
"""
import json
import sys
from http import HTTPStatus

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
STATUS_OF = {
    "BadRequest": 400, "Unauthorized": 401, "Forbidden": 403, "NotFound": 404, "Conflict": 409, "PreconditionFailed": 412,
    "UnsupportedMediaType": 415, "Unprocessable": 422, "Frozen": 423, "PreconditionRequired": 428, "TooManyRequests": 429, "Unavailable": 503,
}
TITLE_OF = {413: "Content Too Large", 422: "Unprocessable Content"}  # RFC 9110 named them anew


class DocumentError(Exception):
    pass


def members_once(pairs):
    out = {}
    for name, value in pairs:
        if name in out:
            raise DocumentError(f"the member {name} comes twice in one object")
        out[name] = value
    return out


def load(path):
    try:
        with open(path, encoding="utf-8") as source:
            return json.load(source, object_pairs_hook=members_once)
    except (ValueError, DocumentError) as broken:
        raise DocumentError(f"{path}: {broken}") from broken


def add_all(into, what, where):
    for name, value in what.items():
        if name in into:
            raise DocumentError(f"{where} {name} comes twice")
        into[name] = value


def join(desk, themes):
    desk["paths"] = {}
    for theme in themes:
        add_all(desk["paths"], theme.get("paths", {}), "the path")
        for kind, components in theme.get("components", {}).items():
            add_all(desk["components"].setdefault(kind, {}), components, f"the component of {kind}")
    return desk


def refer(kind, name):
    return {"$ref": f"#/components/{kind}/{name}"}


def complete_refusal(name, response):
    """The content of a shared refusal: a problem document with one of its codes, and an example."""
    codes = response.pop("x-codes")
    example = response.pop("example")
    status = example.get("status", STATUS_OF.get(name))
    whole = {"type": f"urn:usher:problem:{example['code']}", "title": TITLE_OF.get(status) or HTTPStatus(status).phrase}
    whole.update({"status": status, "instance": "/api/support/tickets", "request_id": "0197a000-0000-7000-8000-0000000000ff"}, **example)
    narrowed = {"code": {"enum": codes}}
    if name in STATUS_OF:
        narrowed["status"] = {"const": status}
    schema = {**refer("schemas", "Problem"), "properties": narrowed}
    response["content"] = {"application/problem+json": {"schema": schema, "example": whole}}


def add_headers(response, metered):
    headers = response.setdefault("headers", {})
    headers["X-Request-Id"] = refer("headers", "XRequestId")
    if metered:
        headers["RateLimit"] = refer("headers", "RateLimit")
        headers["RateLimit-Policy"] = refer("headers", "RateLimitPolicy")


def complete_operation(method, operation):
    metered = "x-usher-role" in operation
    refusals = {"400": "BadRequest"}
    if metered:
        refusals.update({"401": "Unauthorized", "403": "Forbidden", "429": "TooManyRequests", "503": "Unavailable"})
    if "requestBody" in operation:
        refusals.update({"415": "UnsupportedMediaType", "422": "Unprocessable"})
    if method == "post":
        refusals.update({"409": "Conflict", "422": "Unprocessable"})
    if operation.pop("x-usher-frozen", False):
        refusals["423"] = "Frozen"
        operation.setdefault("parameters", []).append(refer("parameters", "BreakGlass"))
    if method == "post" and metered:  # keys belong to callers
        operation.setdefault("parameters", []).append(refer("parameters", "IdempotencyKey"))
    responses = operation["responses"]
    for status, response in responses.items():
        if "$ref" in response:
            continue
        add_headers(response, metered)
        if method == "post" and metered and status.startswith("2"):
            response["headers"]["Idempotent-Replayed"] = refer("headers", "IdempotentReplayed")
    for status, name in refusals.items():
        responses.setdefault(status, refer("responses", name))
    operation["responses"] = {status: responses[status] for status in sorted(responses)}
    operation["responses"]["default"] = refer("responses", "Refused")


def complete(document):
    document["info"]["description"] = "\n".join(document["info"]["description"])
    for name, response in document["components"]["responses"].items():
        if "x-codes" in response:
            complete_refusal(name, response)
        add_headers(response, metered=True)
    for item in document["paths"].values():
        for method in METHODS:
            if method in item:
                complete_operation(method, item[method])


def check_references(node, document, where="#"):
    if isinstance(node, list):
        for index, value in enumerate(node):
            check_references(value, document, f"{where}/{index}")
    if not isinstance(node, dict):
        return
    target = node.get("$ref")
    if isinstance(target, str):
        found = document
        for step in target.removeprefix("#/").split("/"):
            found = found.get(step) if isinstance(found, dict) else None
        if found is None:
            raise DocumentError(f"{where} refers to {target}, which is not there")
    for name, value in node.items():
        check_references(value, document, f"{where}/{name}")


def main():
    version, out, desk, *themes = sys.argv[1:]
    document = join(load(desk), [load(theme) for theme in themes])
    document["info"]["version"] = version
    complete(document)
    check_references(document, document)
    with open(out, "w", encoding="utf-8") as target:
        json.dump(document, target, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    try:
        main()
    except DocumentError as broken:
        sys.exit(f"openapi: {broken}")
