// What every operation has alike: no token, a foreign parameter, a body of the wrong kind, a role too low, HEAD, OPTIONS.
import assert from "node:assert/strict";
import {gunzipSync} from "node:zlib";

import {methods, notYet} from "./document.mjs";
import {cast, organization} from "./live_work.mjs";

const ranks = ["requester", "agent", "supervisor", "manager", "executive", "admin"];
/** What pages are made of, and a file of the same folder that has an address of its own. */
const parts = {
  "/docs/{file}": {files: ["swagger-ui.css", "swagger-ui-bundle.js", "start.js"], other: "openapi.json"},
  "/console/{file}": {files: ["console.css", "console.js"], other: "console.html"},
};

/** A path with something real in each brace. */
function fill(run, path) {
  if (parts[path]) return path.replace("{file}", parts[path].files[0]);
  const ids = [["/organizations/", organization], ["/calendars/", run.calendar], ["/agents/", "agent-7"], ["/alerts/", run.alert], ["/articles/", run.article], ["/macros/", run.macro], ["/patterns/", run.pattern], ["/webhooks/", run.webhook], ["/api-keys/", run.apiKey], ["/exports/", run.export], ["/erasures/", run.erasure]];
  const id = ids.find(([part]) => path.includes(part))?.[1] ?? run.ticket;
  const others = {"{tier}": "FREE", "{priority}": "high", "{level}": "1", "{code}": "rsvp", "{id}": id, "{token}": run.score, "{delivery_id}": run.delivery};
  return path.replace(/\{\w+\}/g, (brace) => others[brace]);
}

function tokenOf(run, role) {
  return run.desk.token(role, `${role}-every`, role === "requester" ? organization : "");
}

async function open(run, {name, method, path}) {
  const filled = fill(run, path);
  if (method === "post") {
    await run.ask(name, {path: filled, expect: 415, body: "{}", type: "text/plain"});
    await run.ask(name, {path: filled, expect: 422, body: '{"colour":"red"}'});
    await run.ask(name, {path: filled, expect: 400, body: "{"});
    return;
  }
  const answer = await run.ask(name, {path: filled, expect: 200});
  if (answer.headers.etag) await run.ask(name, {path: filled, expect: 304, headers: {"If-None-Match": answer.headers.etag}});
  if (parts[path]) {
    for (const file of parts[path].files) await run.ask(name, {path: path.replace("{file}", file), expect: 200});
    await run.ask(name, {path: path.replace("{file}", parts[path].other), expect: 404});
  }
  assert.equal(method, "get");
  const packed = await run.desk.send("GET", filled, {headers: {"Accept-Encoding": "gzip"}});
  if (!answer.headers.etag) return; // only what is embedded has a tag
  assert.equal(packed.headers["content-encoding"], "gzip", name);
  assert.equal(gunzipSync(packed.bytes).toString(), answer.text, name);
}

async function signedIn(run, {name, method, path, operation}) {
  const filled = fill(run, path);
  const role = operation["x-usher-role"];
  await run.ask(name, {path: filled, expect: 401, body: operation.requestBody && "{}"});
  await run.ask(name, {path: filled, expect: 401, body: operation.requestBody && "{}", as: "no.real.token"});
  const below = ranks[ranks.indexOf(role) - 1];
  if (below) await run.ask(name, {path: filled, expect: 403, as: tokenOf(run, below), body: operation.requestBody && "{}"});
  // An admin's keys, whose scopes are for something else.
  const [out, mistyped] = method === "get" ? [run.keys.changes, `${run.keys.reads}0`] : [run.keys.reads, run.keys.changes.toUpperCase()];
  await run.ask(name, {path: filled, expect: 403, as: out, body: operation.requestBody && "{}"});
  await run.ask(name, {path: filled, expect: 401, as: mistyped, body: operation.requestBody && "{}"});
  const as = tokenOf(run, "admin");
  await run.ask(name, {path: filled, as, query: "?colour=red", expect: 400, body: operation.requestBody && "{}"});
  if (!operation.requestBody) return;
  await run.ask(name, {path: filled, as, expect: 415, body: "{}", type: "text/plain"});
  await run.ask(name, {path: filled, as, expect: 422, body: '{"colour":"red"}'});
  await run.ask(name, {path: filled, as, expect: 400, body: "{"});
}

/** The methods that a path has are those that are documented. */
async function methodsOf(run, path) {
  const item = run.document.root.paths[path];
  const served = methods.filter((method) => item[method] && run.has(`${method.toUpperCase()} ${path}`));
  if (served.length === 0) return;
  const documented = served.map((method) => method.toUpperCase());
  const allowed = new Set([...documented, "OPTIONS", ...(item.get ? ["HEAD"] : [])]);
  const filled = fill(run, path);
  const options = await run.desk.send("OPTIONS", filled);
  assert.equal(options.status, 204);
  assert.deepEqual(new Set(options.headers.allow.split(", ")), allowed, `OPTIONS ${path}`);
  for (const method of methods.map((one) => one.toUpperCase())) {
    if (documented.includes(method)) continue;
    const answer = await run.desk.send(method, filled);
    run.noteShared(`${method} ${path}`, answer, 405, "Refused");
    assert.deepEqual(new Set(answer.headers.allow?.split(", ")), allowed, `${method} ${path}`);
  }
}

/** What the document promises and the desk does not have yet is on the list, and nothing else is. */
async function missing(run) {
  for (const name of notYet.operations) {
    const [method, path] = name.split(" ");
    const answer = await run.desk.send(method, fill(run, path), {headers: {Authorization: `Bearer ${tokenOf(run, "admin")}`}});
    assert.ok([404, 405].includes(answer.status), `${name} is served: take it out of not_yet.json`);
  }
}

async function tooMany(run, name, how, before = () => {}) {
  let answer;
  for (let tries = 0; tries < 20 && answer?.status !== 429; ++tries) {
    await before();
    answer = await run.ask(name, how);
  }
  // What takes more than a second to answer leaves time enough for the next one: then several at once.
  for (let tries = 0; tries < 5 && answer.status !== 429; ++tries)
    answer = (await Promise.all([1, 2, 3, 4].map(() => run.ask(name, how)))).find(({status}) => status === 429) ?? answer;
  assert.equal(answer.status, 429, name);
  return answer;
}

/** Spends what a caller may send at once on something quick: an operation that takes a second gets its tokens back. */
const spend = (run, as) => Promise.all(Array.from({length: 6}, () => run.desk.send("GET", "/api/support/freeze", {headers: {Authorization: `Bearer ${as}`}})));

/** A desk that demands If-Match (428), and whose callers may send one request a second, two at once (429). */
async function strict(run, {name, path, operation}) {
  const conditional = Object.keys(operation.responses).includes("428");
  const how = {path: fill(run, path), body: operation.requestBody && (bodiesOf(run)[path.split("/").pop()] ?? "{}")};
  if (conditional) await run.ask(name, {...how, as: run.desk.token("manager", `${name} 428`), expect: 428});
  const as = run.desk.token("admin", `${name} 429`);
  const answer = await tooMany(run, name, {...how, as}, () => spend(run, as));
  assert.ok(answer.headers.ratelimit && answer.headers["ratelimit-policy"], `${name} 429 tells the limit`);
}

/** Bodies that are well enough to get to the precondition, by the last part of the path. */
const bodiesOf = (run) => ({
  messages: '{"body":"Hm"}',
  assign: '{"agent_id":null}',
  csat: '{"score":5}',
  merge: '{"into":"0197a000-0000-7000-8000-0000000000ee"}',
  macro: JSON.stringify({macro_id: run.macro}),
});

/** What is open, and work all the same, is metered by address. Comes last: a new token is looked at no more after it. */
async function strangers(run) {
  for (const {name, path, operation} of run.served)
    if (!("x-usher-role" in operation) && "429" in operation.responses) await tooMany(run, name, {path: fill(run, path), body: operation.requestBody && "{}"});
}

export async function everyOperation(run, {strict: demanding = false} = {}) {
  const people = cast(run.desk);
  for (const one of run.served) {
    const signed = "x-usher-role" in one.operation;
    if (demanding) {
      if (signed) await strict(run, one);
      continue;
    }
    await (signed ? signedIn(run, one) : open(run, one));
    const list = {path: fill(run, one.path), as: signed ? people.admin : undefined};
    if (!signed) await run.ask(one.name, {...list, query: "?colour=red", expect: 400});
    const needed = {"/api/support/kb/search": "?q=table", "/api/support/ai/categorize": "?action=stats", "/api/support/privacy/exports": "?email=a%40example.com"};
    if (one.method === "get") await run.ask(one.name, {...list, query: needed[one.path] ?? "", head: true, expect: 200});
  }
  if (demanding) return strangers(run);
  for (const path of Object.keys(run.document.root.paths)) await methodsOf(run, path);
  await missing(run);
}
