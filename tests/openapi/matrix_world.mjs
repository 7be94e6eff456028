// Two organizations with the same things each, and what a desk has for both of them.
import assert from "node:assert/strict";
import {randomUUID} from "node:crypto";
import {setTimeout as delay} from "node:timers/promises";

export const api = "/api/support";
export const canary = "canaryofanother";

/** One call whose answer is wanted; it has to have this status. */
export async function must(desk, token, method, path, body, ...statuses) {
  const headers = {Authorization: `Bearer ${token}`, ...(body === undefined ? {} : {"Content-Type": "application/json"})};
  const answer = await desk.send(method, path, {headers, body: body === undefined ? undefined : JSON.stringify(body)});
  assert.ok(statuses.includes(answer.status), `${method} ${path} → ${answer.status} ${answer.text}`);
  return answer.text ? JSON.parse(answer.text) : undefined;
}

export async function eventually(what, holds) {
  for (const until = Date.now() + 120_000; ; await delay(50)) {
    const found = await holds();
    if (found) return found;
    assert.ok(Date.now() < until, `in vain waited for ${what}`);
  }
}

/** Nobody is there to be told of level 4, so an alert tells of it. */
async function organizationOf(desk, admin, id, word) {
  await must(desk, admin, "PUT", `${api}/organizations/${id}`, {name: `Studio ${word}`, tier: "PROFESSIONAL", time_zone: "UTC"}, 201);
  const webhook = await must(desk, admin, "POST", `${api}/webhooks`, {url: "http://127.0.0.1:1/hook", organization_id: id}, 201);
  const apiKey = await must(desk, admin, "POST", `${api}/api-keys`, {name: `Machine of ${word}`, role: "agent", organization_id: id}, 201);
  const customer = desk.token("requester", `customer-${word}`, id);
  const create = () => must(desk, customer, "POST", `${api}/tickets`, {subject: `The ${word} seating`, body: `All about ${word}.`, tags: [word], priority: "low"}, 201);
  const ticket = await create();
  const spare = await create();
  await must(desk, admin, "POST", `${api}/tickets/${ticket.id}/messages`, {body: `Between us: ${word}.`}, 201);
  await must(desk, admin, "POST", `${api}/tickets/${ticket.id}/escalate`, {level: 4, reason: word}, 200);
  const of = (list, about) => list.data.find((each) => each.ticket_id === about);
  const alert = await eventually("an alert", async () => of(await must(desk, admin, "GET", `${api}/alerts?limit=100`, undefined, 200), ticket.id));
  const delivery = await eventually("a delivery", async () => (await must(desk, admin, "GET", `${api}/webhooks/${webhook.id}/deliveries`, undefined, 200)).data[0]);
  return {id, word, webhook, apiKey, customer, create, ticket, spare, alert, delivery, number: ticket.number};
}

export async function makeWorld(desk, {both = true, ids = [randomUUID(), randomUUID()]} = {}) {
  const admin = desk.token("admin", "admin-of-all");
  const ours = await organizationOf(desk, admin, ids[0], "ourown");
  const theirs = both ? await organizationOf(desk, admin, ids[1], canary) : undefined;
  const post = (path, body) => must(desk, admin, "POST", `${api}${path}`, body, 201);
  let count = 0;
  const make = {
    calendar: () => post("/sla/calendars", {name: `Hours ${++count}`, time_zone: "UTC", weekly: {mon: [["09:00", "17:00"]]}}),
    category: async () => ({id: (await post("/categories", {code: `of_matrix_${++count}`, default_priority: "low"})).code}),
    macro: () => post("/macros", {name: `Macro ${++count}`, set: {tags: ["matrix"]}}),
    article: () => post("/kb/articles", {title: "The seating chart", body: "Drag guests.", language: "en", published: true}),
    pattern: () => post("/ai/patterns", {category: "rsvp", pattern: `\\bmatrix ${++count}\\b`}),
    agent: () => post("/agents", {id: `colleague-${++count}`, name: "A colleague"}),
    rule: async () => ({id: "2"}),
    policy: async () => ({id: "FREE/low"}),
    file: async () => ({id: "start.js"}),
    console: async () => ({id: "console.js"}),
    ticket: () => ours.create(),
    organization: async () => ({id: ours.id}),
    webhook: () => post("/webhooks", {url: "http://127.0.0.1:1/more", organization_id: ours.id, events: ["ticket.deleted"]}),
    api_key: () => post("/api-keys", {name: `Machine ${++count}`, role: "agent", organization_id: ours.id}),
    alert: async () => ours.alert,
    delivery: async () => ours.delivery,
    export: async () => ({id: (await must(desk, admin, "GET", `${api}/privacy/exports?email=matrix%40example.com&later=true`, undefined, 202)).id}),
    erasure: () => post("/privacy/erasures", {subject: {email: "matrix@example.com"}}),
    preview: async () => {
      const made = await post("/privacy/erasures", {subject: {phrase: "Nobody of the matrix"}});
      return eventually("a preview", async () => {
        const now = await must(desk, admin, "GET", `${api}/privacy/erasures/${made.id}`, undefined, 200);
        return now.state === "preview" && now;
      });
    },
    score: async () => ({id: ours.score}),
  };
  // Only what is going to be removed has to be new; patterns take a moment each, and an organization has ten endpoints.
    const fresh = {...make};
  for (const kind of Object.keys(make)) {
    if (kind === "ticket") continue;
    let one;
    make[kind] = async (drops) => (drops ? fresh[kind]() : (one ??= await fresh[kind]()));
  }
  const things = {macro: await make.macro()};
  await must(desk, admin, "PATCH", `${api}/tickets/${ours.spare.id}`, {status: "resolved"}, 200);
  ours.score = (await must(desk, admin, "GET", `${api}/tickets/${ours.spare.id}/csat`, undefined, 200)).link.split("/").pop();
  await must(desk, admin, "PATCH", `${api}/tickets/${ours.spare.id}`, {status: "open"}, 200);
  return {admin, ours, theirs, make, things};
}
