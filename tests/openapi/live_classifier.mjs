// The classifier's patterns, edited while it runs, and how right it was.
import assert from "node:assert/strict";

const api = "/api/support/ai";

export async function classifier(run, {supervisor, agent}) {
  const show = `GET ${api}/categorize`;
  const all = `${api}/patterns`;
  const one = (method) => `${method} ${all}/{id}`;
  const ask = (as, body) => run.ask("POST /api/support/ai/categorize", {as, body, expect: 200});
  const text = {subject: "the zanfona is late", body: "We hired a zanfona."};

  const page = (await run.ask(show, {as: agent, query: "?action=patterns&limit=100", expect: 200})).json;
  assert.ok(page.has_more && page.data.length === 100 && page.data.every(({origin}) => origin === "shipped"));
  const next = (await run.ask(show, {as: agent, query: `?action=patterns&cursor=${page.next_cursor}`, expect: 200})).json;
  assert.ok(next.data[0].id > page.data[99].id);
  const french = (await run.ask(show, {as: agent, query: "?action=patterns&category=rsvp&language=fr", expect: 200})).json;
  assert.ok(french.data.length > 0 && french.data.every(({category, language}) => category === "rsvp" && language === "fr"));
  for (const query of ["", "?action=dance", "?action=patterns&limit=0", "?action=patterns&cursor=%21"])
    await run.ask(show, {as: agent, query, expect: 400});

  const fresh = {id: "house.zanfona", category: "vendor_no_show", pattern: "\\bzanfonas?\\b", weight: 2, language: "any"};
  const made = await run.ask(`POST ${all}`, {as: supervisor, body: fresh, expect: 201});
  run.pattern = made.json.id;
  assert.equal(made.headers.location, `${all}/house.zanfona`);
  assert.deepEqual([made.json.origin, made.json.enabled, made.json.urgency, made.json.version], ["desk", true, null, 1]);
  await run.ask(`POST ${all}`, {as: supervisor, body: fresh, expect: 409});
  await run.ask(`POST ${all}`, {as: agent, body: fresh, expect: 403});
  for (const [wrong, pointer] of [
    [{pattern: "("}, "/pattern"], [{pattern: "(?=a)b"}, "/pattern"], [{pattern: "(a)\\1"}, "/pattern"], [{pattern: "a*"}, "/pattern"],
    [{pattern: "((a{100}){100}){100}"}, "/pattern"], [{pattern: "[", enabled: false}, "/pattern"], [{category: "none"}, "/category"],
    [{weight: 11}, "/weight"], [{language: "de"}, "/language"], [{id: "UPPER"}, "/id"], [{color: "red"}, "/color"],
  ]) {
    const refused = await run.ask(`POST ${all}`, {as: supervisor, body: {...fresh, id: "house.wrong", ...wrong}, expect: 422});
    assert.equal(refused.json.errors[0].pointer, pointer);
  }
  const signal = {urgency: "distress", pattern: "\\bzanfona\\b"};
  const spoken = (await run.ask(`POST ${all}`, {as: supervisor, body: signal, expect: 201})).json;
  await run.ask(`POST ${all}`, {as: supervisor, body: {...signal, urgency: "boredom"}, expect: 422});
  assert.ok((await ask(agent, text)).json.signals.includes(spoken.id));

  const path = `${all}/${spoken.id}`;
  const off = await run.ask(one("PUT"), {path, as: supervisor, body: {enabled: false}, expect: 200});
  assert.deepEqual([off.json.enabled, off.json.version], [false, 2]);
  assert.ok(!(await ask(agent, text)).json.signals.includes(spoken.id));
  await run.ask(one("PUT"), {path, as: supervisor, body: {pattern: "("}, expect: 422});
  await run.ask(one("DELETE"), {path, as: supervisor, expect: 204});
  await run.ask(one("DELETE"), {path, as: supervisor, expect: 404});
  await run.ask(one("PUT"), {path, as: supervisor, body: {}, expect: 404});

  const library = {path: `${all}/${page.data[0].id}`, as: supervisor};
  assert.equal((await run.ask(one("PUT"), {...library, body: {weight: 1.5}, expect: 200})).json.origin, "edited");
  await run.ask(one("DELETE"), {...library, expect: 204});
  const left = (await run.ask(show, {as: agent, query: "?action=patterns&limit=1", expect: 200})).json;
  assert.notEqual(left.data[0].id, page.data[0].id);

  const stats = (await run.ask(show, {as: agent, query: "?action=stats", expect: 200})).json;
  assert.ok(stats.tickets > 0 && stats.weeks.length > 0);
  assert.equal(stats.corrected, stats.confusion.reduce((sum, {tickets}) => sum + tickets, 0));
}
