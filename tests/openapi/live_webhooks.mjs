// Endpoints of webhooks, their secrets, and their deliveries to a server of this test's own.
import assert from "node:assert/strict";
import {once} from "node:events";
import http from "node:http";
import {setTimeout as delay} from "node:timers/promises";

const api = "/api/support/webhooks";
const organization = "0197a000-0000-7000-8000-00000000000a";
const nobody = "0197a000-0000-7000-8000-0000000000ee";

async function eventually(what, holds) {
  for (const until = Date.now() + 60_000; ; await delay(20)) {
    const found = await holds();
    if (found) return found;
    assert.ok(Date.now() < until, `in vain waited for ${what}`);
  }
}

/** A receiver whose answer is held back while `held` is a promise. */
async function receiver() {
  const got = [];
  const server = http.createServer((request, response) => {
    got.push(request.headers["webhook-id"]);
    request.resume().on("end", async () => {
      await server.held;
      response.writeHead(204).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return {server, got, url: `http://127.0.0.1:${server.address().port}/hook`};
}

async function endpoints(run, {admin}, url) {
  const made = await run.ask(`POST ${api}`, {as: admin, body: {url, events: ["ticket.created"]}, expect: 201});
  const path = made.headers.location;
  run.webhook = made.json.id;
  assert.equal(path, `${api}/${run.webhook}`);
  assert.match(made.json.secret, /^whsec_/);
  for (const body of [{}, {url: "https://10.0.0.1/"}, {url: "ftp://example.com/"}, {url, events: ["nothing"]}, {url, secret: "whsec_short"}, {url, organization_id: "x"}, {url, organization_id: nobody}])
    await run.ask(`POST ${api}`, {as: admin, body, expect: 422});
  assert.equal((await run.ask(`POST ${api}`, {as: admin, body: {url: "https://169.254.169.254/"}, expect: 422})).json.errors[0].pointer, "/url");
  const narrowed = run.desk.token("admin", "their-admin", organization);
  await run.ask(`POST ${api}`, {as: narrowed, body: {url, organization_id: nobody}, expect: 403});
  await run.ask(`GET ${api}/{id}`, {path, as: narrowed, expect: 404});
  const theirs = await run.ask(`POST ${api}`, {as: narrowed, body: {url, events: ["ticket.deleted"]}, expect: 201});
  assert.equal(theirs.json.organization_id, organization);
  assert.deepEqual((await run.ask(`GET ${api}`, {as: narrowed, expect: 200})).json.data.map(({id}) => id), [theirs.json.id]);
  const {secret, ...shown} = made.json;
  assert.deepEqual((await run.ask(`GET ${api}/{id}`, {path, as: admin, expect: 200})).json, shown);
  await run.ask(`DELETE ${api}/{id}`, {path: `${api}/${theirs.json.id}`, as: admin, expect: 204});

  const add = `POST ${api}/{id}/secrets`;
  const second = await run.ask(add, {path: `${path}/secrets`, as: admin, body: {}, expect: 201});
  assert.notEqual(second.json.secret, secret);
  assert.equal(second.json.secrets, 2);
  await run.ask(add, {path: `${path}/secrets`, as: admin, body: {secret}, expect: 201});
  await run.ask(add, {path: `${path}/secrets`, as: admin, body: {}, expect: 409});
  await run.ask(add, {path: `${path}/secrets`, as: admin, body: {secret: "mine"}, expect: 422});
  await run.ask(`DELETE ${api}/{id}/secrets`, {path: `${path}/secrets`, as: admin, expect: 204});
  return path;
}

async function deliveries(run, {admin, customer}, path, {server, got}) {
  const list = `GET ${api}/{id}/deliveries`;
  const again = `POST ${api}/{id}/deliveries/{delivery_id}/redeliver`;
  await run.ask("POST /api/support/tickets", {as: customer, body: {subject: "The hook", body: "Does it work?"}, expect: 201});
  const delivered = () => run.ask(list, {path: `${path}/deliveries`, as: admin, query: "?state=delivered&event=ticket.created&limit=1", expect: 200});
  const one = await eventually("a delivery", async () => (await delivered()).json.data[0]);
  run.delivery = one.id;
  assert.ok(got.includes(one.id));
  assert.equal(one.attempts.at(-1).status, 204);
  assert.equal(one.payload.type, "ticket.created");
  const there = `${path}/deliveries/${one.id}/redeliver`;
  let release;
  server.held = new Promise((resolve) => (release = resolve));
  await run.ask(again, {path: there, as: admin, expect: 202});
  await eventually("the second try", () => got.filter((id) => id === one.id).length === 2);
  await run.ask(again, {path: there, as: admin, expect: 409});
  release();
  await eventually("its end", async () => (await delivered()).json.data[0]?.attempts.length === 2);
  await run.ask(list, {path: `${path}/deliveries`, as: admin, query: "?state=lost", expect: 400});
  await run.ask(again, {path: `${path}/deliveries/${nobody}/redeliver`, as: admin, expect: 404});
  const put = `PUT ${api}/{id}`;
  const off = await run.ask(put, {path, as: admin, body: {enabled: false}, expect: 200});
  assert.deepEqual([off.json.enabled, off.json.disabled_reason], [false, "by hand"]);
  await run.ask(again, {path: there, as: admin, expect: 409});
  const on = await run.ask(put, {path, as: admin, body: {enabled: true, events: []}, expect: 200});
  assert.deepEqual([on.json.disabled_at, on.json.events], [null, []]);
}

async function refused(run, {admin}, url) {
  const path = `${api}/${nobody}`;
  for (const [method, body] of [["GET"], ["PUT", {}], ["DELETE"]]) await run.ask(`${method} ${api}/{id}`, {path, as: admin, body, expect: 404});
  await run.ask(`POST ${api}/{id}/secrets`, {path: `${path}/secrets`, as: admin, body: {}, expect: 404});
  await run.ask(`DELETE ${api}/{id}/secrets`, {path: `${path}/secrets`, as: admin, expect: 404});
  await run.ask(`GET ${api}/{id}/deliveries`, {path: `${path}/deliveries`, as: admin, expect: 404});
  const made = [];
  for (let i = 1; i < 10; ++i) made.push((await run.ask(`POST ${api}`, {as: admin, body: {url, events: ["alert.raised"]}, expect: 201})).json.id);
  await run.ask(`POST ${api}`, {as: admin, body: {url}, expect: 409});
  for (const id of made) await run.ask(`DELETE ${api}/{id}`, {path: `${api}/${id}`, as: admin, expect: 204});
}

export async function webhooks(run, people) {
  const hook = await receiver();
  const path = await endpoints(run, people, hook.url);
  await deliveries(run, people, path, hook);
  await refused(run, people, hook.url);
}
