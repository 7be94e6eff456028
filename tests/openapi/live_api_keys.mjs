// Keys of machines: made, shown once, used within their scopes, revoked.
import assert from "node:assert/strict";

const api = "/api/support/api-keys";
const tickets = "/api/support/tickets";
const organization = "0197a000-0000-7000-8000-00000000000a";
const nobody = "0197a000-0000-7000-8000-0000000000ee";
const make = `POST ${api}`;
const one = `${api}/{id}`;

async function made(run, as, body) {
  const {json, headers} = await run.ask(make, {as, body, expect: 201});
  assert.equal(headers.location, `${api}/${json.id}`);
  assert.ok(json.key.startsWith(json.prefix));
  return json;
}

async function used(run, {admin}) {
  const body = {name: "Booking system", role: "requester", organization_id: organization, scopes: ["tickets:read", "tickets:read", "tickets:write"], expires_at: "2090-01-01T02:00:00+02:00"};
  const {key, ...shown} = await made(run, admin, body);
  const path = `${api}/${shown.id}`;
  assert.deepEqual([shown.scopes, shown.expires_at, shown.last_used_at, shown.created_by], [["tickets:read", "tickets:write"], "2090-01-01T00:00:00.000Z", null, "admin-1"]);
  assert.deepEqual((await run.ask(`GET ${one}`, {path, as: admin, expect: 200})).json, shown);
  const ticket = (await run.ask(`POST ${tickets}`, {as: key, body: {subject: "From a machine", body: "Hello"}, expect: 201})).json;
  assert.deepEqual([ticket.organization_id, ticket.requester_id], [organization, `key:${shown.id}`]);
  await run.ask(`GET ${tickets}/{id}`, {path: `${tickets}/${ticket.id}`, as: key, expect: 200});
  await run.ask("GET /api/support/freeze", {as: key, expect: 403});
  await run.ask(`GET ${tickets}`, {as: `${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`, expect: 401});
  const listed = (await run.ask(`GET ${api}`, {as: admin, expect: 200})).json.data.find(({id}) => id === shown.id);
  assert.ok(listed.last_used_at);
  await run.ask(`DELETE ${one}`, {path, as: admin, expect: 204});
  await run.ask(`GET ${tickets}`, {as: key, expect: 401});
  for (const method of ["GET", "DELETE"]) await run.ask(`${method} ${one}`, {path, as: admin, expect: 404});
}

async function refused(run, {admin}) {
  const good = {name: "Good", role: "agent"};
  for (const wrong of [{name: ""}, {role: "system"}, {role: "requester"}, {scopes: []}, {scopes: "read"}, {scopes: ["read", "all"]}, {organization_id: "x"}, {organization_id: nobody}, {expires_at: "tomorrow"}, {expires_at: "2020-01-01T00:00:00Z"}, {key: "usk_mine"}])
    await run.ask(make, {as: admin, body: {...good, ...wrong}, expect: 422});
  const narrowed = run.desk.token("admin", "their-admin", organization);
  await run.ask(make, {as: narrowed, body: {...good, organization_id: nobody}, expect: 403});
  const theirs = await made(run, narrowed, good);
  assert.deepEqual([theirs.organization_id, theirs.scopes], [organization, ["write"]]);
  assert.deepEqual((await run.ask(`GET ${api}`, {as: narrowed, expect: 200})).json.data.map(({id}) => id), [theirs.id]);
  const desks = await made(run, admin, {...good, role: "admin"});
  await run.ask(make, {as: desks.key, body: good, expect: 403});
  for (const method of ["GET", "DELETE"]) await run.ask(`${method} ${one}`, {path: `${api}/${desks.id}`, as: narrowed, expect: 404});
  for (const {id} of [theirs, desks]) await run.ask(`DELETE ${one}`, {path: `${api}/${id}`, as: desks.key, expect: 204});
}

/** A repeated request is told what it made, and not the key. */
async function repeated(run, {admin}) {
  const how = {as: admin, headers: {"Idempotency-Key": "api-keys-once"}, body: {name: "Once", role: "agent"}, expect: 201};
  const {key, ...first} = (await run.ask(make, how)).json;
  assert.ok(key);
  const second = await run.ask(make, how);
  assert.equal(second.headers["idempotent-replayed"], "true");
  assert.deepEqual(second.json, first);
  await run.ask(make, {...how, body: {name: "Twice", role: "agent"}, expect: 422});
  await run.ask(`DELETE ${one}`, {path: `${api}/${first.id}`, as: admin, expect: 204});
}

async function asManyAsThereMayBe(run) {
  const ids = [];
  for (let i = 0; ; ++i) {
    assert.ok(i <= 100);
    const answer = await run.ask(make, {as: run.desk.token("admin", `admin-${i % 10}`), body: {name: `Machine ${i}`, role: "agent"}});
    if (answer.status === 409) break;
    assert.equal(answer.status, 201);
    ids.push(answer.json.id);
  }
  for (const [i, id] of ids.entries()) await run.ask(`DELETE ${one}`, {path: `${api}/${id}`, as: run.desk.token("admin", `admin-${i % 10}`), expect: 204});
}

/** Leaves a key for those that come after, and two that may nearly nothing: `run.keys`, for what is not a GET and for what is. */
export async function apiKeys(run, people) {
  await used(run, people);
  await refused(run, people);
  await repeated(run, people);
  await asManyAsThereMayBe(run);
  const of = (name, scopes) => made(run, people.admin, {name, role: "admin", scopes});
  const [reads, changes] = [await of("Reads", ["read"]), await of("Changes", ["tickets:write"])];
  run.apiKey = reads.id;
  run.keys = {reads: reads.key, changes: changes.key};
}
