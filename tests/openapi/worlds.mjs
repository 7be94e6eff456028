// Two desks: one with an organization, and one with that and another. Whoever belongs to the first sees the same on both,
// but for ids, times and the desk's own numbers.
import assert from "node:assert/strict";
import {randomUUID} from "node:crypto";

import {Desk} from "./desk.mjs";
import {api, canary, makeWorld, must} from "./matrix_world.mjs";

const ids = [randomUUID(), randomUUID()];

/** An answer without what has to differ: ids by the order in which they come, times, and what a clock has counted. */
function calm(names, text) {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => names.get(id) ?? names.set(id, `id ${names.size}`).get(id))
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME")
    .replace(/\d{4}-\d\d-\d\d/g, "DAY")
    .replace(/usk_[0-9a-f]{8}/g, "PREFIX")
    .replace(/"number":\d+/g, '"number":N')
    .replace(/"(elapsed_seconds|remaining_seconds|consumed|\w*_median_seconds|\w*_p90_seconds)":[\d.e-]+/g, '"$1":S')
    .replace(/\d+(\.\d+)? (ms|s|min|h|days?)\b/g, "SPAN")
    .replace(/"next_cursor":"[^"]+"|cursor=[^>]+|id: \S+/g, "CURSOR");
}

async function live(desk, world) {
  const names = new Map(ids.map((id, i) => [id, `organization ${i}`]));
  const seen = [];
  const people = {
    customer: world.ours.customer,
    agent: desk.token("agent", "their-agent", ids[0]),
    supervisor: desk.token("supervisor", "their-supervisor", ids[0]),
    admin: desk.token("admin", "their-admin", ids[0]),
  };
  const ask = async (who, method, path, body) => {
    const headers = {Authorization: `Bearer ${people[who]}`, ...(body === undefined ? {} : {"Content-Type": "application/json"})};
    const answer = await desk.send(method, path, {headers, body: body === undefined ? undefined : JSON.stringify(body)});
    assert.ok(!answer.text.includes(canary));
    const {date, "x-request-id": request, "content-length": length, "content-encoding": coding, vary, ...left} = answer.headers;
    const {request_id, ...whole} = answer.text.startsWith("{") ? JSON.parse(answer.text) : {text: answer.text};
    seen.push(calm(names, JSON.stringify([who, method, path, answer.status, left, whole])));
    return whole;
  };
  const tickets = `${api}/tickets`;
  const made = await ask("customer", "POST", tickets, {subject: "The seating", body: "Which table?", tags: ["june"]});
  const path = `${tickets}/${made.id}`;
  await ask("agent", "POST", `${path}/messages`, {body: "The third one.", visibility: "public"});
  await ask("agent", "PUT", `${path}/assign`, {agent_id: "their-agent"});
  await ask("customer", "PATCH", path, {subject: "The seating, again"});
  await ask("supervisor", "POST", `${path}/escalate`, {level: 2, reason: "They asked."});
  await ask("supervisor", "POST", `${path}/acknowledge`);
  await ask("agent", "PATCH", path, {status: "resolved"});
  await ask("customer", "POST", `${path}/csat`, {score: 4});
  for (const query of ["", "?limit=1", "?q=seating", "?tag=june", "?sort=due_at", "?status=resolved", `?organization_id=${ids[1]}`, "?assignee_id=none"])
    for (const who of ["customer", "agent"]) await ask(who, "GET", tickets + query);
  for (const part of ["", "/messages", "/sla"]) for (const who of ["customer", "agent"]) await ask(who, "GET", path + part);
  for (const part of ["/tickets/999999", `/organizations/${ids[1]}`, "/organizations", `/organizations/${ids[0]}`, "/alerts", "/escalation?limit=100", `${path.slice(api.length)}/history`, "/agents", "/kb/search?q=seating", "/webhooks", "/api-keys", `/webhooks/${world.ours.webhook.id}/deliveries?event=ticket.updated`, "/analytics", "/analytics?group_by=tier", "/ai/categorize?action=stats", "/sla/policies", "/events"])
    await ask("admin", "GET", api + part);
  await ask("admin", "PUT", `${api}/organizations/${ids[1]}`, {name: "Taken", tier: "FREE", time_zone: "UTC"});
  await ask("agent", "POST", `${tickets}/bulk`, {ids: [made.id, ids[1]], set: {tags: ["july"]}});
  await ask("supervisor", "POST", `${api}/sla/policies/apply`, {dry_run: true});
  await ask("admin", "POST", `${api}/sla/policies/apply`, {dry_run: true});
  await ask("customer", "POST", tickets, {subject: "a", body: "b", organization_id: ids[1]});
  return seen;
}

async function world(both) {
  const desk = new Desk();
  let failed;
  try {
    await desk.start("--webhook-allow-private", "127.0.0.0/8", "--auto-assign", "false");
    const made = await makeWorld(desk, {both, ids});
    if (both) {
      for (let i = 0; i < 20; ++i) await made.theirs.create();
      await must(desk, made.admin, "POST", `${api}/tickets/${made.theirs.spare.id}/messages`, {body: canary}, 201);
    }
    return await live(desk, made);
  } catch (error) {
    failed = error;
    throw error;
  } finally {
    await desk.end(failed);
  }
}

const alone = await world(false);
const beside = await world(true);
assert.equal(alone.length, beside.length);
for (const [i, answer] of alone.entries()) {
  const at = [...answer].findIndex((letter, j) => beside[i][j] !== letter);
  assert.ok(beside[i] === answer, `${answer.slice(0, 80)} differs:\n${answer.slice(Math.max(0, at - 200), at + 100)}\n${beside[i].slice(Math.max(0, at - 200), at + 100)}`);
}
console.log(`${alone.length} answers are the same with another organization and without`);
