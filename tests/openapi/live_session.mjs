// Staff sessions: a password, a cookie, and what a change by it needs.
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";

const path = "/api/support/session";
const user = "agent-in-session";
const password = "correct horse battery staple";

function setPassword(desk) {
  const done = spawnSync(process.env.USHER_BINARY, ["password", user, "--data", desk.data], {input: `${password}\n`});
  assert.equal(done.status, 0, done.stderr.toString());
}

export async function session(run, people) {
  const supervisor = run.desk.token("supervisor", "supervisor-1");
  await run.ask("POST /api/support/agents", {as: supervisor, body: {id: user, name: "Ina", role: "agent"}, expect: 201});
  setPassword(run.desk);
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
  let answer;
  for (let tries = 0; tries < 20 && answer?.status !== 429; ++tries) answer = await run.ask(post, {body: {user: "nobody-at-all", password}});
  assert.equal(answer.status, 429);
}
