// Exporting and erasing what is held of a person, and what is kept how long.
import assert from "node:assert/strict";
import {setTimeout as delay} from "node:timers/promises";

const api = "/api/support/privacy";
const organization = "0197a000-0000-7000-8000-00000000000a";
const nobody = "0197a000-0000-7000-8000-0000000000ee";
const email = "eva.blum@example.net";

async function eventually(what, holds) {
  for (const until = Date.now() + 60_000; ; await delay(20)) {
    const found = await holds();
    if (found) return found;
    assert.ok(Date.now() < until, `in vain waited for ${what}`);
  }
}

async function exports_(run, {admin}, ticket) {
  const name = `GET ${api}/exports`;
  const found = (await run.ask(name, {as: admin, query: `?email=${email.toUpperCase()}`, expect: 200})).json;
  assert.deepEqual(found.tickets.map(({id}) => id), [ticket]);
  assert.equal((await run.ask(name, {as: admin, query: "?user_id=nobody-at-all", expect: 200})).json.tickets.length, 0);
  for (const query of ["", "?email=", "?email=a", `?email=${email}&user_id=x`, `?email=${email}&later=perhaps`, "?user_id="])
    await run.ask(name, {as: admin, query, expect: 400});
  const later = await run.ask(name, {as: admin, query: `?email=${email}&later=true`, expect: 202});
  const path = later.headers.location;
  assert.equal(path, `${api}/exports/${later.json.id}`);
  const done = await eventually("the export", async () => {
    const {json} = await run.ask(`GET ${api}/exports/{id}`, {path, as: admin, expect: 200});
    return json.status === "done" && json;
  });
  assert.deepEqual(done.document.tickets, found.tickets);
  const narrowed = run.desk.token("admin", "their-admin", nobody);
  await run.ask(`GET ${api}/exports/{id}`, {path, as: narrowed, expect: 404});
  assert.equal((await run.ask(name, {as: narrowed, query: `?email=${email}`, expect: 200})).json.tickets.length, 0);
  await run.ask(`GET ${api}/exports/{id}`, {path: `${api}/exports/${nobody}`, as: admin, expect: 404});
  return path;
}

async function retention(run, {admin}, ticket) {
  const put = `PUT ${api}/retention`;
  const hold = {kind: "ticket", id: ticket, reason: "Court case 12/26"};
  const rules = [{category: "*", after_days: 3650, action: "anonymise"}, {category: "rsvp", after_days: 4000, action: "delete"}];
  const dry = (await run.ask(put, {as: admin, query: "?dry_run=true", body: {rules}, expect: 200})).json;
  assert.deepEqual(dry, {dry_run: true, anonymise: 0, delete: 0, tickets: []});
  assert.deepEqual((await run.ask(put, {as: admin, body: {rules, dry_run: true}, expect: 200})).json, dry);
  assert.deepEqual((await run.ask(`GET ${api}/retention`, {as: admin, expect: 200})).json, {rules: [], legal_hold: []});
  for (const body of [{}, {rules: [{}]}, {rules: [{...rules[0], after_days: 0}]}, {rules: [{...rules[0], category: "none"}]}, {rules: [rules[0], rules[0]]}, {rules: [{...rules[0], action: "burn"}]}, {rules, legal_hold: [{...hold, kind: "desk"}]}, {rules, legal_hold: [hold, hold]}, {rules, legal_hold: [{...hold, id: "x"}]}])
    await run.ask(put, {as: admin, body, expect: 422});
  await run.ask(put, {as: run.desk.token("admin", "their-admin", organization), body: {rules}, expect: 403});
  const kept = (await run.ask(put, {as: admin, body: {rules, legal_hold: [hold]}, expect: 200})).json;
  assert.deepEqual(kept.rules, rules);
  assert.equal(kept.legal_hold[0].set_by, "admin-1");
  assert.deepEqual((await run.ask(`GET ${api}/retention`, {as: admin, expect: 200})).json, kept);
  assert.deepEqual((await run.ask(put, {as: admin, body: kept, expect: 200})).json, kept);
}

async function erasing(run, people, ticket, export_path) {
  const {admin, agent} = people;
  const name = `POST ${api}/erasures`;
  for (const body of [{}, {subject: {}}, {subject: {email: "a"}}, {subject: {email, user_id: "x"}}, {subject: email}])
    await run.ask(name, {as: admin, body, expect: 422});
  const held = (await run.ask(name, {as: admin, body: {subject: {email}}, expect: 409})).json;
  assert.equal(held.code, "legal_hold");
  assert.ok(held.detail.includes("Court case 12/26"), held.detail);
  const refused = (await run.ask(`GET ${api}/erasures`, {as: admin, expect: 200})).json.data[0];
  assert.deepEqual([refused.state, refused.refused, refused.tickets.held], ["refused", "legal_hold", 1]);
  assert.equal((await run.ask("GET /api/support/tickets/{id}", {path: `/api/support/tickets/${ticket}`, as: agent, expect: 200})).json.subject, "Eva's seating");
  await run.ask(`PUT ${api}/retention`, {as: admin, body: {rules: [], legal_hold: []}, expect: 200});

  const headers = {"Idempotency-Key": "erase-eva"};
  const first = await run.ask(name, {as: admin, body: {subject: {email}}, headers, expect: 201});
  const path = first.headers.location;
  run.erasure = first.json.id;
  assert.equal(path, `${api}/erasures/${first.json.id}`);
  assert.ok(!first.text.includes("eva"), first.text);
  assert.deepEqual((await run.ask(name, {as: admin, body: {subject: {email}}, headers, expect: 201})).json, first.json);
  const done = await eventually("the erasure", async () => {
    const {json} = await run.ask(`GET ${api}/erasures/{id}`, {path, as: admin, expect: 200});
    return json.state === "done" && json;
  });
  assert.deepEqual(done.certificate.tickets, [ticket]);
  assert.equal(done.certificate.requested_by, "admin-1");
  await run.ask(`GET ${api}/erasures/{id}`, {path: `${api}/erasures/${nobody}`, as: admin, expect: 404});
  await run.ask(`GET ${api}/exports/{id}`, {path: export_path, as: admin, expect: 404});
  assert.equal((await run.ask(`GET ${api}/erasures`, {as: admin, expect: 200})).json.data[0].id, done.id);
  const now = (await run.ask("GET /api/support/tickets/{id}", {path: `/api/support/tickets/${ticket}`, as: agent, expect: 200})).json;
  assert.equal(now.subject, "[erased]");
  const again = (await run.ask(name, {as: admin, body: {subject: {email}}, expect: 201})).json;
  assert.deepEqual(again.certificate.tickets, []);
}

async function phrases(run, people) {
  const {admin, agent} = people;
  const name = `POST ${api}/erasures`;
  const body = {subject: "A chair for Ömer Groß", body: "He sits by the door.", organization_id: organization};
  const ticket = (await run.ask("POST /api/support/tickets", {as: agent, body, expect: 201})).json.id;
  for (const phrase of ["ab", "12345", "say \"Ann\"", "a\\bcd", "Ann\nLee", "x".repeat(201), "   a   ", 5])
    await run.ask(name, {as: admin, body: {subject: {phrase}}, expect: 422});
  await run.ask(name, {as: admin, body: {subject: {phrase: "Omer Groß", email}}, expect: 422});
  for (const organization_id of ["x", nobody]) await run.ask(name, {as: admin, body: {subject: {phrase: "Omer Groß"}, organization_id}, expect: 422});
  const narrowed = run.desk.token("admin", "their-admin", nobody);
  await run.ask(name, {as: narrowed, body: {subject: {phrase: "Omer Groß"}, organization_id: organization}, expect: 422});

  const made = await run.ask(name, {as: admin, body: {subject: {phrase: "omer  GROß"}, organization_id: organization}, expect: 201});
  const path = made.headers.location;
  assert.ok(!made.text.includes("Groß"), made.text);
  const preview = await eventually("the preview", async () => {
    const {json} = await run.ask(`GET ${api}/erasures/{id}`, {path, as: admin, expect: 200});
    return json.state === "preview" && json;
  });
  assert.deepEqual(preview.found.map(({id, hits}) => [id, hits]), [[ticket, [{where: "subject", text: "A chair for Ömer Groß"}]]]);
  const confirm = `POST ${api}/erasures/{id}/confirm`;
  const at = `${path}/confirm`;
  for (const wrong of [{tickets: []}, {tickets: "all"}, {tickets: ["x"]}, {tickets: [nobody]}, {tickets: [5]}])
    await run.ask(confirm, {path: at, as: admin, body: wrong, expect: 422});
  for (const [id, as] of [[nobody, admin], ["x", admin], [preview.id, narrowed]])
    await run.ask(confirm, {path: `${api}/erasures/${id}/confirm`, as, body: {}, expect: 404});
  await run.ask(confirm, {path: `${api}/erasures/${run.erasure}/confirm`, as: admin, body: {}, expect: 409});
  const headers = {"Idempotency-Key": "confirm-omer"};
  const first = await run.ask(confirm, {path: at, as: admin, body: {tickets: [ticket]}, headers, expect: 200});
  assert.deepEqual((await run.ask(confirm, {path: at, as: admin, body: {tickets: [ticket]}, headers, expect: 200})).json, first.json);
  const done = await eventually("the erasure", async () => {
    const {json} = await run.ask(`GET ${api}/erasures/{id}`, {path, as: admin, expect: 200});
    return json.state === "done" && json;
  });
  assert.deepEqual([done.certificate.tickets, done.certificate.confirmed_by, done.found], [[ticket], "admin-1", []]);
  await run.ask(confirm, {path: at, as: admin, body: {}, expect: 409});
  const now = (await run.ask("GET /api/support/tickets/{id}", {path: `/api/support/tickets/${ticket}`, as: agent, expect: 200})).json;
  assert.equal(now.subject, "A chair for [erased]");
}

export async function privacy(run, people) {
  people.admin = run.desk.token("admin", "admin-1");
  const body = {subject: "Eva's seating", body: "Eva asks for a chair.", organization_id: organization, requester: {name: "Eva Blum", email}};
  const ticket = (await run.ask("POST /api/support/tickets", {as: people.agent, body, expect: 201})).json.id;
  const path = await exports_(run, people, ticket);
  await retention(run, people, ticket);
  await erasing(run, people, ticket, path);
  await phrases(run, people);
  run.export = (await run.ask(`GET ${api}/exports`, {as: people.admin, query: `?email=${email}&later=true`, expect: 202})).json.id;
}
