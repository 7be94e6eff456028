// What staff do often, under a name.
import assert from "node:assert/strict";

const api = "/api/support";

export async function macros(run, {supervisor, agent, customer}) {
  const all = `${api}/macros`;
  const one = (method) => `${method} ${all}/{id}`;
  const ask = {name: "Ask for the domain", set: {status: "pending", tags: ["dns"]}, reply: "Hello {{requester.name}}, which domain is it? ({{ticket.number}}, {{ ticket.subject }})"};
  const made = await run.ask(`POST ${all}`, {as: supervisor, body: ask, expect: 201});
  const path = `${all}/${made.json.id}`;
  run.macro = made.json.id;
  assert.deepEqual([made.json.set, made.json.reply, made.json.version], [ask.set, ask.reply, 1]);
  for (const body of [ask, {...ask, name: "x", reply: "{{password}}"}, {...ask, name: "x", set: {colour: "red"}}, {name: "Nothing"}])
    await run.ask(`POST ${all}`, {as: supervisor, body, expect: 422});
  assert.equal((await run.ask(`GET ${all}`, {as: agent, expect: 200})).json.data.length, 1);
  await run.ask(one("GET"), {path, as: agent, expect: 200});
  await run.ask(one("PUT"), {path, as: supervisor, body: {set: {...ask.set, priority: "high"}}, expect: 200});

  const create = {subject: "{{agent.name}} is lost", body: "Our page is gone.", requester: {name: "Ada"}};
  const ticket = (await run.ask(`POST ${api}/tickets`, {as: customer, body: create, expect: 201})).json;
  const name = `POST ${api}/tickets/{id}/macro`;
  const where = {path: `${api}/tickets/${ticket.id}/macro`, as: agent};
  const body = {macro_id: made.json.id};
  await run.ask(name, {...where, body: {macro_id: ticket.id}, expect: 422});
  await run.ask(name, {...where, body, headers: {"If-Match": '"99"'}, expect: 412});
  const done = (await run.ask(name, {...where, body, expect: 200})).json;
  assert.deepEqual([done.status, done.priority, done.tags, done.version], ["pending", "high", ["dns"], ticket.version + 1]);
  assert.equal(done.sla.find(({clock}) => clock === "first_response").state, "met");
  const messages = await run.ask(`GET ${api}/tickets/{id}/messages`, {path: `${api}/tickets/${ticket.id}/messages`, as: customer, expect: 200});
  assert.equal(messages.json.data[0].body, `Hello Ada, which domain is it? (${ticket.number}, {{agent.name}} is lost)`);
  await run.ask(`PATCH ${api}/tickets/{id}`, {path: `${api}/tickets/${ticket.id}`, as: agent, body: {status: "closed"}, expect: 200});
  await run.ask(name, {...where, body, expect: 409});
  await run.ask(name, {path: `${api}/tickets/${run.macro}/macro`, as: agent, body, expect: 404});

  const other = await run.ask(`POST ${all}`, {as: supervisor, body: {name: "Close", set: {status: "closed"}}, expect: 201});
  await run.ask(one("DELETE"), {path: `${all}/${other.json.id}`, as: supervisor, expect: 204});
  for (const [method, body] of [["GET"], ["PUT", {}], ["DELETE"]])
    await run.ask(one(method), {path: `${all}/${other.json.id}`, as: supervisor, body, expect: 404});
}
