// What people do on an ordinary day, and what the desk refuses them for what it is about.
import assert from "node:assert/strict";

import {privacy} from "./live_privacy.mjs";
import {webhooks} from "./live_webhooks.mjs";
import {analytics} from "./live_analytics.mjs";
import {classifier} from "./live_classifier.mjs";
import {knowledge} from "./live_kb.mjs";
import {macros} from "./live_macros.mjs";
import {settings} from "./live_settings.mjs";

export const organization = "0197a000-0000-7000-8000-00000000000a";
export const other = "0197a000-0000-7000-8000-00000000000b";
const tickets = "/api/support/tickets";

/** Everybody who talks to the desk. */
export function cast(desk) {
  return {
    customer: desk.token("requester", "customer-1", organization),
    stranger: desk.token("requester", "customer-2", other),
    agent: desk.token("agent", "agent-7"),
    supervisor: desk.token("supervisor", "supervisor-1"),
    manager: desk.token("manager", "manager-1"),
    admin: desk.token("admin", "admin-1"),
  };
}

async function organizations(run, {admin, agent, customer}) {
  const name = "PUT /api/support/organizations/{id}";
  const path = `/api/support/organizations/${organization}`;
  const body = {name: "Larkspur Photography", tier: "ENTERPRISE", time_zone: "Europe/Dublin"};
  const made = await run.ask(name, {path, as: admin, body, expect: 201});
  assert.equal(made.headers.location, path);
  await run.ask(name, {path, as: admin, body, expect: 200, headers: {"If-Match": made.headers.etag}});
  await run.ask(name, {path, as: admin, body, expect: 412, headers: {"If-Match": '"999"'}});
  await run.ask(name, {path, as: admin, body: {...body, time_zone: "Mars/Olympus"}, expect: 422});
  await run.ask(name, {path, as: agent, body, expect: 403});
  await run.ask(name, {path: "/api/support/organizations/none", as: admin, body, expect: 404});
  await run.ask(name, {path: `/api/support/organizations/${other}`, as: admin, body: {name: "Boathouse", tier: "FREE"}, expect: 201});

  const get = "GET /api/support/organizations/{id}";
  const now = await run.ask(get, {path, as: agent, expect: 200});
  await run.ask(get, {path, as: agent, expect: 304, headers: {"If-None-Match": now.headers.etag}});
  await run.ask(get, {path, as: customer, expect: 403});
  await run.ask(get, {path: path.replace(/.$/, "e"), as: agent, expect: 404});
  await walk(run, "GET /api/support/organizations", {as: agent}, 2);
}

/** All of a list in pages of one, by cursor; there have to be `least` at least. */
async function walk(run, name, how, least) {
  let seen = 0;
  for (let cursor = ""; cursor !== null; ) {
    const query = `?limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = await run.ask(name, {...how, query, expect: 200});
    seen += page.json.data.length;
    assert.equal(page.json.has_more, page.json.next_cursor !== null);
    assert.equal(page.headers.link !== undefined, page.json.has_more);
    cursor = page.json.next_cursor;
    if (cursor !== null) assert.ok(page.headers.link.includes(`cursor=${encodeURIComponent(cursor)}`), page.headers.link);
  }
  assert.ok(seen >= least, `${name} has ${seen}`);
  await run.ask(name, {...how, query: "?limit=101", expect: 400});
  await run.ask(name, {...how, query: "?cursor=made-up", expect: 400});
}

async function creation(run, {customer, stranger, agent}) {
  const name = `POST ${tickets}`;
  const least = {subject: "RSVP page is blank", body: "Guests see a white page."};
  const whole = {
    subject: "The florist has not come", body: "The ceremony is at three.", channel: "phone", category: "vendor_no_show",
    priority: "high", tags: ["florist"], custom_fields: {guests: 140}, requester: {name: "Ada", email: "ada@example.com"},
    wedding: {at: "2026-06-13T15:00:00", time_zone: "America/New_York", venue: "Boathouse"},
  };
  const made = await run.ask(name, {as: customer, body: whole, expect: 201});
  assert.equal(made.headers.location, `${tickets}/${made.json.id}`);
  await run.ask(name, {as: agent, body: {...least, organization_id: organization}, expect: 201});
  await run.ask(name, {as: stranger, body: {...least, wedding: {at: "2026-06-13T15:00:00-04:00"}}, expect: 201});

  const key = {"Idempotency-Key": '"once"'};
  const first = await run.ask(name, {as: customer, body: least, headers: key, expect: 201});
  const again = await run.ask(name, {as: customer, body: least, headers: {"Idempotency-Key": "once"}, expect: 201});
  assert.equal(again.headers["idempotent-replayed"], "true");
  assert.equal(again.text, first.text);
  const reused = await run.ask(name, {as: customer, body: whole, headers: key, expect: 422});
  assert.equal(reused.json.code, "idempotency_key_reused");
  await run.ask(name, {as: customer, body: least, headers: {"Idempotency-Key": '""'}, expect: 400});

  await run.ask(name, {as: customer, body: {subject: "", tags: [1]}, expect: 422});
  await run.ask(name, {as: customer, body: {...least, wedding: {at: "soon", colour: "red"}}, expect: 422});
  await run.ask(name, {as: customer, body: {...least, organization_id: other}, expect: 422});
  for (const body of ["{", '{"subject":1,"subject":2}', "[1,]"])
    await run.ask(name, {as: customer, body, expect: 400});
  await run.ask(name, {as: customer, body: '{"subject":"\\ud800"}', expect: 422});
  return {wedding: made.json, plain: first.json};
}

async function lists(run, {customer, agent}) {
  const name = `GET ${tickets}`;
  const served = ["status=open,pending", "priority=critical,high", "category=vendor_no_show", "urgency=none", "tier=ENTERPRISE",
    "assignee_id=me,none", `organization_id=${organization}`, "escalation_level=0", "tag=florist", "created_after=2020-01-01T00:00:00Z",
    "created_before=2099-01-01T00:00:00Z", "wedding_after=2020-01-01T00:00:00Z", "wedding_before=2099-01-01T00:00:00Z",
    "sort=-due_at", "sort=priority", "sort=wedding", "sla=breached,at_risk", "q=florist"];
  for (const one of served) {
    const late = run.notYetParameters(name).includes(one.split("=")[0]);
    const answer = await run.ask(name, {as: agent, query: `?${one}`, expect: late ? 400 : 200});
    if (late) assert.equal(answer.json.code, "unknown_parameter", `take ${one} out of not_yet.json`);
  }
  for (const bad of ["status=lost", "priority=", "limit=0", "sort=colour", "created_after=soon", "tier=free", "tag=a&tag=b"])
    await run.ask(name, {as: agent, query: `?${bad}`, expect: 400});
  await walk(run, name, {as: customer}, 3);
}

async function reading(run, people, ticket) {
  const name = `GET ${tickets}/{id}`;
  const path = `${tickets}/${ticket.id}`;
  const now = await run.ask(name, {path, as: people.customer, expect: 200});
  const byNumber = await run.ask(name, {path: `${tickets}/${ticket.number}`, as: people.agent, expect: 200});
  assert.equal(byNumber.json.id, now.json.id);
  await run.ask(name, {path, as: people.customer, expect: 304, headers: {"If-None-Match": now.headers.etag}});
  const alike = (await run.ask(name, {path, as: people.customer, query: "?include=similar", expect: 200})).json;
  assert.ok(alike.id === ticket.id && Array.isArray(alike.similar) && !("similar" in now.json));
  await run.ask(name, {path, as: people.customer, query: "?include=history", expect: 400});
  await run.ask(name, {path, as: people.stranger, expect: 404});
  await run.ask(name, {path: `${tickets}/none`, as: people.agent, expect: 404});
}

async function changing(run, people, ticket) {
  const path = `${tickets}/${ticket.id}`;
  for (const method of ["PUT", "PATCH"]) {
    const name = `${method} ${tickets}/{id}`;
    const now = await run.ask(name, {path, as: people.agent, body: {priority: "low", custom_fields: {guests: null, table: 4}}, expect: 200});
    await run.ask(name, {path, as: people.agent, body: {tags: null, wedding: null, assignee_id: null}, expect: 200, headers: {"If-Match": now.headers.etag}});
    await run.ask(name, {path, as: people.agent, body: {status: "pending"}, expect: 412, headers: {"If-Match": '"1"'}});
    await run.ask(name, {path, as: people.customer, body: {subject: `Changed by ${method}`}, expect: 200});
    await run.ask(name, {path, as: people.customer, body: {priority: "high"}, expect: 403});
    await run.ask(name, {path, as: people.agent, body: {colour: "red", status: "lost"}, expect: 422});
    await run.ask(name, {path, as: people.stranger, body: {subject: "Mine"}, expect: 404});
  }
  for (const status of ["pending", "on_hold", "open", "resolved"])
    await run.ask(`PATCH ${tickets}/{id}`, {path, as: people.agent, body: {status}, expect: 200});
}

async function messages(run, people, ticket) {
  const path = `${tickets}/${ticket.id}/messages`;
  const add = `POST ${tickets}/{id}/messages`;
  const list = `GET ${tickets}/{id}/messages`;
  await run.ask(add, {path, as: people.agent, body: {body: "We are on it.", visibility: "public"}, expect: 201});
  await run.ask(add, {path, as: people.agent, body: {body: "Call them."}, expect: 201});
  await run.ask(add, {path, as: people.customer, body: {body: "Thank you."}, expect: 201});
  await run.ask(add, {path, as: people.customer, body: {body: "Hm", visibility: "internal"}, expect: 403});
  await run.ask(add, {path, as: people.stranger, body: {body: "Hm"}, expect: 404});
  await run.ask(add, {path, as: people.agent, body: {body: ""}, expect: 422});
  await run.ask(add, {path, as: people.agent, body: {body: "Late"}, expect: 412, headers: {"If-Match": '"1"'}});
  const key = {"Idempotency-Key": "reply"};
  const first = await run.ask(add, {path, as: people.agent, body: {body: "Once"}, headers: key, expect: 201});
  const again = await run.ask(add, {path, as: people.agent, body: {body: "Once"}, headers: key, expect: 201});
  assert.deepEqual([again.text, again.headers["idempotent-replayed"]], [first.text, "true"]);
  await run.ask(list, {path, as: people.stranger, expect: 404});
  await walk(run, list, {path, as: people.agent}, 4);
}

async function assigning(run, people, ticket) {
  const name = `PUT ${tickets}/{id}/assign`;
  const path = `${tickets}/${ticket.id}/assign`;
  await run.ask(name, {path, as: people.agent, body: {agent_id: "agent-7"}, expect: 200});
  await run.ask(name, {path, as: people.supervisor, body: {agent_id: null}, expect: 200});
  await run.ask(name, {path, as: people.agent, body: {agent_id: "agent-8"}, expect: 403});
  await run.ask(name, {path, as: people.customer, body: {agent_id: "agent-7"}, expect: 403});
  await run.ask(name, {path, as: people.stranger, body: {agent_id: "agent-7"}, expect: 404});
  await run.ask(name, {path, as: people.agent, body: {auto: false}, expect: 422});
  await run.ask(name, {path, as: people.agent, body: {agent_id: "agent-7"}, expect: 412, headers: {"If-Match": '"1"'}});
}

async function explaining(run, people, ticket) {
  const sla = `GET ${tickets}/{id}/sla`;
  const history = `GET ${tickets}/{id}/history`;
  if (run.has(sla)) {
    await run.ask(sla, {path: `${tickets}/${ticket.id}/sla`, as: people.customer, expect: 200});
    await run.ask(sla, {path: `${tickets}/${ticket.id}/sla`, as: people.stranger, expect: 404});
  }
  if (run.has(history)) {
    await walk(run, history, {path: `${tickets}/${ticket.id}/history`, as: people.agent}, 5);
    await run.ask(history, {path: `${tickets}/none/history`, as: people.agent, expect: 404});
  }
}

async function climbing(run, people, ticket) {
  const escalate = `POST ${tickets}/{id}/escalate`;
  const acknowledge = `POST ${tickets}/{id}/acknowledge`;
  const path = `${tickets}/${ticket.id}/escalate`;
  await run.ask(escalate, {path, as: people.agent, body: {level: 2, reason: "They called."}, expect: 412, headers: {"If-Match": '"999"'}});
  await run.ask(escalate, {path, as: people.agent, body: {level: 2, reason: "They called."}, expect: 200});
  await run.ask(escalate, {path, as: people.agent, body: {level: 1}, expect: 409});
  await run.ask(escalate, {path, as: people.agent, body: {level: 7}, expect: 422});
  await run.ask(escalate, {path: `${tickets}/none/escalate`, as: people.agent, body: {}, expect: 404});
  const take = `${tickets}/${ticket.id}/acknowledge`;
  await run.ask(acknowledge, {path: take, as: people.agent, expect: 412, headers: {"If-Match": '"999"'}});
  await run.ask(acknowledge, {path: take, as: people.agent, expect: 200});
  await run.ask(acknowledge, {path: take, as: people.agent, expect: 409});
  await run.ask(acknowledge, {path: `${tickets}/none/acknowledge`, as: people.agent, expect: 404});

  const list = "GET /api/support/escalation";
  for (const query of ["?state=fired,skipped", "?state=armed", "?level=2,3", `?ticket_id=${ticket.id}`])
    assert.ok((await run.ask(list, {as: people.agent, query, expect: 200})).json.data.length > 0, query);
  await run.ask(list, {as: people.agent, query: "?state=lost", expect: 400});
  await walk(run, list, {as: people.agent}, 2);
  const events = "GET /api/support/events";
  const stream = await run.ask(events, {as: people.agent, query: `?types=ticket.created,escalation.fired&ticket_id=${ticket.id}`, expect: 200});
  const place = /^retry: 2000\nid: (\S+)\n\n/.exec(stream.text)[1];
  await run.ask(events, {as: people.agent, headers: {"Last-Event-ID": place}, expect: 200});
  for (const query of ["?types=lost", "?ticket_id=none"]) await run.ask(events, {as: people.agent, query, expect: 400});
  await run.ask(events, {as: people.agent, headers: {"Last-Event-ID": "nonsense"}, expect: 400});
  const snapshots = "GET /api/support/snapshots";
  await walk(run, snapshots, {as: people.supervisor}, 1);
  await run.ask(snapshots, {as: people.supervisor, query: "?from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00%2B02:00", expect: 200});
  await run.ask(snapshots, {as: people.supervisor, query: "?from=soon", expect: 400});
  await run.ask(snapshots, {as: run.desk.token("supervisor", "supervisor-1", organization), expect: 403});
  await run.ask("POST /api/support/escalation", {as: people.supervisor, body: {action: "check"}, expect: 200});
  const apply = "POST /api/support/sla/policies/apply";
  for (const dry_run of [true, false]) await run.ask(apply, {as: people.manager, body: {dry_run}, expect: 200});
}

async function classifying(run, people, ticket) {
  const name = "POST /api/support/ai/categorize";
  const text = {subject: "The florist has not come", body: "The ceremony is at three."};
  const verdict = await run.ask(name, {as: people.agent, body: text, expect: 200});
  assert.equal(verdict.json.category, "vendor_no_show");
  assert.ok(Array.isArray(verdict.json.similar) && Array.isArray(verdict.json.articles));
  await run.ask(name, {as: people.agent, body: {ticket_id: ticket.id}, expect: 200});
  await run.ask(name, {as: people.agent, body: {ticket_id: "0197a000-0000-7000-8000-0000000000ee"}, expect: 404});
  await run.ask(name, {as: people.agent, body: {subject: "Only a subject"}, expect: 422});
}

async function merging(run, people, {wedding, plain}) {
  const name = `POST ${tickets}/{id}/merge`;
  if (!run.has(name)) return;
  const path = `${tickets}/${plain.id}/merge`;
  await run.ask(name, {path, as: people.agent, body: {into: plain.id}, expect: 409});
  await run.ask(name, {path, as: people.agent, body: {into: "none"}, expect: 422});
  await run.ask(name, {path, as: people.agent, body: {into: wedding.id}, expect: 412, headers: {"If-Match": '"999"'}});
  await run.ask(name, {path: `${tickets}/none/merge`, as: people.agent, body: {into: wedding.id}, expect: 404});
  const merged = await run.ask(name, {path, as: people.agent, body: {into: wedding.id}, expect: 200});
  assert.equal(merged.json.status, "closed");
  await run.ask(name, {path, as: people.agent, body: {into: wedding.id}, expect: 409});
}

async function bulk(run, people, {wedding}) {
  const name = `POST ${tickets}/bulk`;
  if (!run.has(name)) return;
  const ids = [wedding.id, "0197a000-0000-7000-8000-0000000000ee"];
  const done = await run.ask(name, {as: people.agent, body: {ids, set: {tags: ["june"]}}, expect: 200});
  assert.deepEqual(done.json.results.map((one) => [one.id, one.status]), [[ids[0], 200], [ids[1], 404]]);
  await run.ask(name, {as: people.agent, body: {ids, set: {tags: "june"}}, expect: 422});
}

/** Scores of two cycles: one by the link, one by the customer itself. */
async function rating(run, people) {
  const made = await run.ask(`POST ${tickets}`, {as: people.customer, body: {subject: "Where is my payout?", body: "It was due on Monday."}, expect: 201});
  const path = `${tickets}/${made.json.id}`;
  const score = `POST ${tickets}/{id}/csat`;
  const link = `GET ${tickets}/{id}/csat`;
  const by = {path: `${path}/csat`, as: people.customer, body: {score: 5, comment: "Thank you!"}};
  await run.ask(score, {...by, expect: 409});
  await run.ask(link, {path: by.path, as: people.agent, expect: 409});
  const resolve = () => run.ask(`PATCH ${tickets}/{id}`, {path, as: people.agent, body: {status: "resolved"}, expect: 200});
  await resolve();
  const first = await run.ask(link, {path: by.path, as: people.agent, expect: 200});
  assert.deepEqual([first.json.cycle, first.json.scored], [1, false]);
  run.score = first.json.link.split("/").pop();
  const unsigned = {path: `/csat/${run.score[0] === "A" ? "B" : "A"}${run.score.slice(1)}`};
  const signed = {path: `/csat/${run.score}`};
  await run.ask("GET /csat/{token}", {...unsigned, expect: 404});
  await run.ask("GET /csat/{token}", {...signed, expect: 200});
  await run.ask("POST /csat/{token}", {...unsigned, body: {score: 4}, expect: 404});
  await run.ask("POST /csat/{token}", {...signed, body: {score: 4}, expect: 200});
  await run.ask("POST /csat/{token}", {...signed, body: {score: 1}, expect: 409});
  await run.ask(score, {...by, expect: 409});
  await run.ask(`PATCH ${tickets}/{id}`, {path, as: people.customer, body: {status: "open"}, expect: 200});
  await resolve();
  await run.ask("POST /csat/{token}", {...signed, body: {score: 1}, expect: 409});
  await run.ask(score, {...by, as: people.agent, expect: 403});
  await run.ask(score, {...by, as: people.stranger, expect: 404});
  await run.ask(score, {...by, expect: 412, headers: {"If-Match": '"999"'}});
  await run.ask(score, {...by, expect: 200});
  await run.ask(score, {...by, expect: 409});
  assert.equal((await run.ask(link, {path: by.path, as: people.agent, expect: 200})).json.scored, true);
  await run.ask(link, {path: `${tickets}/none/csat`, as: people.agent, expect: 404});
}

/** The end of a ticket, and what is not possible after it. */
async function closing(run, people, ticket) {
  const path = `${tickets}/${ticket.id}`;
  await run.ask(`PATCH ${tickets}/{id}`, {path, as: people.customer, body: {status: "closed"}, expect: 200});
  for (const method of ["PUT", "PATCH"])
    await run.ask(`${method} ${tickets}/{id}`, {path, as: people.agent, body: {priority: "high"}, expect: 409});
  await run.ask(`POST ${tickets}/{id}/messages`, {path: `${path}/messages`, as: people.customer, body: {body: "Hm"}, expect: 409});
  await run.ask(`PUT ${tickets}/{id}/assign`, {path: `${path}/assign`, as: people.agent, body: {agent_id: "agent-7"}, expect: 409});

  const remove = `DELETE ${tickets}/{id}`;
  const restore = `POST ${tickets}/{id}/restore`;
  await run.ask(remove, {path, as: people.agent, expect: 403});
  await run.ask(remove, {path, as: people.manager, expect: 412, headers: {"If-Match": '"1"'}});
  await run.ask(restore, {path: `${path}/restore`, as: people.manager, expect: 409});
  await run.ask(remove, {path, as: people.manager, expect: 204});
  await run.ask(remove, {path, as: people.manager, expect: 404});
  await run.ask(restore, {path: `${path}/restore`, as: people.agent, expect: 403});
  await run.ask(restore, {path: `${path}/restore`, as: people.manager, expect: 412, headers: {"If-Match": '"1"'}});
  await run.ask(restore, {path: `${path}/restore`, as: people.manager, expect: 200});
  await run.ask(restore, {path: `${tickets}/none/restore`, as: people.manager, expect: 404});
}

/** All of it, in an order in which each step finds what it needs. */
export async function workDay(run) {
  const people = cast(run.desk);
  await organizations(run, people);
  const made = await creation(run, people);
  await lists(run, people);
  await reading(run, people, made.wedding);
  await changing(run, people, made.wedding);
  await messages(run, people, made.wedding);
  await assigning(run, people, made.wedding);
  await climbing(run, people, made.plain);
  await classifying(run, people, made.plain);
  await settings(run, people);
  await classifier(run, people);
  await knowledge(run, people);
  await webhooks(run, people);
  await privacy(run, people);
  await macros(run, people);
  await rating(run, people);
  await analytics(run, people);
  await explaining(run, people, made.wedding);
  await bulk(run, people, made);
  await merging(run, people, made);
  await closing(run, people, made.wedding);
  run.ticket = made.wedding.id;
}
