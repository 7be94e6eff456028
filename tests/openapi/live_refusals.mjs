// What the protocol refuses whatever it is about, and what the desk says when its database does not answer.
import assert from "node:assert/strict";
import {readFileSync, readdirSync} from "node:fs";
import {join} from "node:path";

import {cast} from "./live_work.mjs";

const tickets = "/api/support/tickets";
const json = {"Content-Type": "application/json"};

/** Each of these closes its connection. */
export async function refusedByGuard(run) {
  const {desk} = run;
  const as = {Authorization: `Bearer ${cast(desk).customer}`};
  const refused = async (name, answer, status, response = "Refused") => {
    run.noteShared(name, answer, status, response);
    assert.equal(answer.headers.connection, "close", name);
  };
  await refused("a transfer coding", await desk.send("POST", tickets, {headers: {...as, ...json, "Transfer-Encoding": "chunked"}}), 411);
  await refused("a body too large", await desk.send("POST", tickets, {headers: {...as, ...json}, announce: 10 * 2 ** 30}), 413);
  await refused("a target too long", await desk.send("GET", `${tickets}?q=${"a".repeat(2100)}`, {headers: as}), 414);
  await refused("a header too large", await desk.send("GET", tickets, {headers: {...as, "X-Long": "a".repeat(8200)}}), 431);
  await refused("an expectation", await desk.send("POST", tickets, {headers: {...as, ...json, Expect: "a miracle"}, body: "{}"}), 417);
  await refused("an encoded body", await desk.send("POST", tickets, {headers: {...as, ...json, "Content-Encoding": "gzip"}, body: "{}"}), 415, "UnsupportedMediaType");
  await refused("an unknown method", await desk.sendRaw("BREW / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
  await refused("TRACE", await desk.sendRaw("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"), 405);
  await refused("garbage", await desk.sendRaw("\u0016\u0003\u0001 not HTTP at all\r\n\r\n"), 400, "BadRequest");
  const twice = `GET ${tickets} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n`;
  await refused("two Authorization headers", await desk.sendRaw(twice), 400, "BadRequest");
  const named = await desk.send("GET", "/nowhere", {headers: {"X-Request-Id": "from the caller"}});
  run.noteShared("an unknown path", named, 404, "NotFound");
  assert.equal(named.headers["x-request-id"], "from the caller");
  assert.equal(JSON.parse(named.text).request_id, "from the caller");
}

/** The database's processes: its first one by its pid file, and that one's children. */
function databaseProcesses(data) {
  const cluster = readdirSync(data, {withFileTypes: true}).filter((one) => one.isDirectory()).map((one) => join(data, one.name))
    .find((folder) => readdirSync(folder).includes("postmaster.pid"));
  const first = Number(readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n")[0]);
  const children = readFileSync(`/proc/${first}/task/${first}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  return [first, ...children];
}

function signal(pids, name) {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (gone) {
      if (gone.code !== "ESRCH") throw gone;
    }
  }
}

/** A database that hangs: what needs it is 503 when its time is up, with the time to wait. */
export async function refusedWithoutStore(run) {
  const people = cast(run.desk);
  const pids = databaseProcesses(run.desk.data);
  signal(pids, "SIGSTOP");
  try {
    await Promise.all([
      run.ask(`POST ${tickets}`, {as: people.customer, body: {subject: "Hm", body: "Hm"}, expect: 503}),
      run.ask(`GET ${tickets}`, {as: people.customer, expect: 503}),
      run.ask("GET /api/support/organizations", {as: people.agent, expect: 503}),
      run.ask(`PATCH ${tickets}/{id}`, {path: `${tickets}/${run.ticket}`, as: people.agent, body: {status: "open"}, expect: 503}),
    ]);
    await run.ask("GET /readyz");
  } finally {
    signal(pids, "SIGCONT");
  }
}
