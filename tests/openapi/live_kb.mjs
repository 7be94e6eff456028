// The knowledge base: supervisors write, staff see drafts, customers what is published.
import assert from "node:assert/strict";

const api = "/api/support/kb";

export async function knowledge(run, {supervisor, agent, customer}) {
  const all = `${api}/articles`;
  const one = (method) => `${method} ${all}/{id}`;
  const draft = {title: "Réservation: the seating chart", body: "Drag guests between tables. Export as PDF.", language: "en", category: "seating_stationery", tags: ["tables"]};
  const made = await run.ask(`POST ${all}`, {as: supervisor, body: draft, expect: 201});
  const path = `${all}/${made.json.id}`;
  run.article = made.json.id;
  assert.equal(made.headers.location, path);
  assert.deepEqual([made.json.published, made.json.version], [false, 1]);
  const wrong = await run.ask(`POST ${all}`, {as: supervisor, body: {...draft, category: "none", language: "?"}, expect: 422});
  assert.equal(wrong.json.errors[0].pointer, "/language");
  await run.ask(`POST ${all}`, {as: supervisor, body: {...draft, category: "none"}, expect: 422});

  const find = async (as, q) => (await run.ask(`GET ${api}/search`, {as, query: `?q=${encodeURIComponent(q)}`, expect: 200})).json.data;
  assert.deepEqual((await find(agent, "reservation")).map(({id}) => id), [run.article]);
  assert.deepEqual(await find(customer, "reservation"), []);
  await run.ask(one("GET"), {path, as: customer, expect: 404});
  await run.ask(one("GET"), {path, as: agent, expect: 200});
  assert.deepEqual((await run.ask(`GET ${all}`, {as: customer, query: "?published=false", expect: 200})).json.data, []);

  const shown = await run.ask(one("PUT"), {path, as: supervisor, body: {published: true}, expect: 200});
  assert.deepEqual([shown.json.title, shown.json.version, shown.json.created_at], [draft.title, 2, made.json.created_at]);
  assert.deepEqual((await run.ask(one("GET"), {path, as: customer, expect: 200})).json, shown.json);
  const hits = await find(customer, "guest tabl");
  assert.match(hits[0].excerpt, /Drag guests between tables/);
  assert.deepEqual(await find(customer, "guest payout"), []);

  const other = await run.ask(`POST ${all}`, {as: supervisor, body: {...draft, title: "Mesas", language: "es", published: true}, expect: 201});
  const list = async (query) => (await run.ask(`GET ${all}`, {as: customer, query, expect: 200})).json;
  assert.deepEqual((await list("?language=es")).data.map(({id}) => id), [other.json.id]);
  const first = await list("?limit=1");
  const second = await list(`?limit=1&cursor=${first.next_cursor}`);
  assert.deepEqual([...first.data, ...second.data].map(({id}) => id), [other.json.id, run.article]);
  await run.ask(`GET ${all}`, {as: customer, query: "?published=maybe", expect: 400});
  await run.ask(`GET ${api}/search`, {as: customer, expect: 400});

  await run.ask(one("DELETE"), {path: `${all}/${other.json.id}`, as: supervisor, expect: 204});
  for (const [method, body] of [["GET"], ["PUT", {}], ["DELETE"]])
    await run.ask(one(method), {path: `${all}/${other.json.id}`, as: supervisor, body, expect: 404});
}
