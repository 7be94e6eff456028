// Staff sessions: a password, a cookie, and what a change by it needs.
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";

import {organization} from "./live_work.mjs";

const path = "/api/support/session";
const user = "agent-in-session";
const password = "correct horse battery staple";

function setPassword(desk, user) {
  const done = spawnSync(process.env.USHER_BINARY, ["password", user, "--data", desk.data], {input: `${password}\n`});
  assert.equal(done.status, 0, done.stderr.toString());
}

/** Who works for two organizations says for which one a session is; another one's is none. */
async function limited(run, supervisor, post) {
  const [one, other] = ["0197a000-0000-7000-8000-0000000000e1", "0197a000-0000-7000-8000-0000000000e2"];
  const who = "agent-of-two";
  await run.ask("POST /api/support/agents", {as: supervisor, body: {id: who, name: "Tove", role: "agent", organizations: [one, other]}, expect: 201});
  setPassword(run.desk, who);
  const asked = await run.ask(post, {body: {user: who, password}, expect: 422});
  assert.deepEqual(asked.json.organizations.map(({id}) => id), [one, other]);
  assert.equal(asked.json.code, "organization_needed");
  assert.deepEqual((await run.ask(post, {body: {user: who, password, organization_id: organization}, expect: 422})).json.organizations, asked.json.organizations);
  assert.equal((await run.ask(post, {body: {user: who, password, organization_id: "e1"}, expect: 422})).json.organizations, undefined);
  assert.equal((await run.ask(post, {body: {user: who, password, organization_id: other}, expect: 200})).json.organization_id, other);
}

/** Who has come and gone stands in the desk's trail, an entry each. */
async function trail(run, people) {
  const get = "GET /api/support/audit";
  const of = async (query) => (await run.ask(get, {as: people.admin, query, expect: 200})).json;
  assert.deepEqual((await of(`?actor=${user}`)).data.map(({action}) => action), ["session.ended", "session.started", "session.refused"]);
  const page = await of("?action=session.started,password.changed&limit=1");
  assert.equal(page.data[0].action, "session.started");
  assert.ok(page.has_more);
  assert.equal((await of(`?action=session.started,password.changed&limit=1&cursor=${page.next_cursor}`)).data.length, 1);
  const others = (await of(`?organization_id=${organization}`)).data;
  assert.ok(others.length > 0 && others.every((entry) => entry.organization_id === organization));
  await run.ask(get, {as: people.admin, query: "?organization_id=nobody", expect: 400});
  await run.ask(get, {as: people.admin, query: `?cursor=${page.next_cursor}`, expect: 400});
}

export async function session(run, people) {
  const supervisor = run.desk.token("supervisor", "supervisor-1");
  await run.ask("POST /api/support/agents", {as: supervisor, body: {id: user, name: "Ina", role: "agent"}, expect: 201});
  setPassword(run.desk, user);
  const post = `POST ${path}`;
  await run.ask(post, {body: {user, password: "not the password"}, expect: 401});
  await run.ask(post, {body: {user, password}, headers: {Origin: "https://elsewhere.example"}, expect: 403});
  await run.ask(post, {body: {user, password}, headers: {"Sec-Fetch-Site": "cross-site"}, expect: 403});
  const made = await run.ask(post, {body: {user, password}, expect: 200});
  assert.equal(made.json.user, user);
  const Cookie = made.headers["set-cookie"].toString().split(";")[0];
  const seen = (await run.ask(`GET ${path}`, {headers: {Cookie}, expect: 200})).json;
  assert.deepEqual(seen, made.json);
  assert.deepEqual((await run.ask(`GET ${path}`, {as: people.agent, expect: 200})).json.csrf_token, undefined);
  await run.ask(`DELETE ${path}`, {headers: {Cookie}, expect: 403});
  await run.ask(`DELETE ${path}`, {headers: {Cookie, "X-CSRF-Token": seen.csrf_token}, expect: 204});
  await run.ask(`GET ${path}`, {headers: {Cookie}, expect: 401});
  await run.ask(`DELETE ${path}`, {as: people.agent, expect: 204});
  await limited(run, supervisor, post);
  await trail(run, people);
  let answer;
  for (let tries = 0; tries < 20 && answer?.status !== 429; ++tries) answer = await run.ask(post, {body: {user: "nobody-at-all", password}});
  assert.equal(answer.status, 429);
}
