// A ticket's whole life through a client that was generated from the document: if a name or a type in the document is
// wrong, this does not compile.
import assert from "node:assert/strict";

import createClient, {type Client} from "openapi-fetch";

import type {components, paths} from "./schema.js";

type Ticket = components["schemas"]["Ticket"];

const {USHER_URL = "", USHER_CUSTOMER = "", USHER_AGENT = ""} = process.env;

function clientOf(token: string): Client<paths> {
  return createClient<paths>({
    baseUrl: USHER_URL,
    headers: {Authorization: `Bearer ${token}`},
    querySerializer: {array: {style: "form", explode: false}},
  });
}

/** The data of an answer, or an exception that says what the desk refused. */
function dataOf<T>(answer: {data?: T; error?: unknown; response: Response}): T {
  assert.ok(answer.data !== undefined, `${answer.response.status} ${JSON.stringify(answer.error)}`);
  return answer.data;
}

const customer = clientOf(USHER_CUSTOMER);
const agent = clientOf(USHER_AGENT);

async function create(): Promise<Ticket> {
  const wedding = {at: "2026-06-13T15:00:00", time_zone: "America/New_York", venue: "Boathouse"};
  const body = {subject: "The seating chart is empty", body: "It was there yesterday.", tags: ["june"], wedding};
  const made = await customer.POST("/api/support/tickets", {params: {header: {"Idempotency-Key": "client-1"}}, body});
  assert.equal(made.response.status, 201);
  return dataOf(made);
}

async function reply(ticket: Ticket): Promise<void> {
  const params = {path: {id: ticket.id}};
  const body = {body: "We have brought it back.", visibility: "public" as const};
  const said = dataOf(await agent.POST("/api/support/tickets/{id}/messages", {params, body}));
  assert.equal(said.author.role, "agent");
  const thread = dataOf(await customer.GET("/api/support/tickets/{id}/messages", {params}));
  assert.deepEqual(thread.data.map((one) => one.id), [said.id]);
}

async function resolve(ticket: Ticket): Promise<void> {
  const seen = await agent.GET("/api/support/tickets/{id}", {params: {path: {id: ticket.number}}});
  const tag = seen.response.headers.get("etag") ?? "";
  const params = {path: {id: ticket.id}, header: {"If-Match": tag}};
  const done = dataOf(await agent.PATCH("/api/support/tickets/{id}", {params, body: {status: "resolved"}}));
  assert.equal(done.status, "resolved");
  assert.ok(done.sla.every((clock) => clock.state === "met"));
  const stale = await agent.PATCH("/api/support/tickets/{id}", {params, body: {priority: "low"}});
  assert.equal(stale.error?.code, "version_mismatch");
}

const ticket = await create();
await reply(ticket);
await resolve(ticket);
const resolved = dataOf(await customer.GET("/api/support/tickets", {params: {query: {status: ["resolved", "closed"], limit: 5}}}));
assert.deepEqual(resolved.data.map((one) => one.id), [ticket.id]);
console.log(`ticket ${ticket.number}: created, answered, resolved`);
