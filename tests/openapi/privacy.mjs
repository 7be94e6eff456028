// Personal data of one person in every field: none of it gets into the log, and none is left after an erasure, whatever
// happens at the same time; other organizations are not touched, and figures stay.
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import {readdirSync, readFileSync, statSync} from "node:fs";
import {join} from "node:path";
import {once} from "node:events";
import {setTimeout as delay} from "node:timers/promises";

import {Desk} from "./desk.mjs";

const mine = "0197a000-0000-7000-8000-0000000000a1";
const other = "0197a000-0000-7000-8000-0000000000b2";
const canaries = {
  name: "Quendolyne Zwartkraai", email: "zwartkraai.canary@example.net", user: "user-zwartkraai-77", phone: "+49 151 5550 7788",
  diet: "anaphylaxis-to-lupin", card: "4929 1420 0033 7712", venue: "Kraaienhuis an der Canarybeek", tag: "canary-tag-kraai",
  field: "canaryfieldvalue", comment: "canarycomment", note: "canaryinternalnote", reason: "canaryreason",
};
const api = "/api/support";
const desk = new Desk();

async function call(method, path, as, body, expect, headers = {}) {
  const all = {Authorization: `Bearer ${as}`, ...(body === undefined ? {} : {"Content-Type": "application/json"}), ...headers};
  const answer = await desk.send(method, path, {headers: all, body: body === undefined ? undefined : JSON.stringify(body)});
  if (expect !== undefined) assert.equal(answer.status, expect, `${method} ${path}: ${answer.text}`);
  answer.json = answer.text && answer.headers["content-type"]?.includes("json") ? JSON.parse(answer.text) : undefined;
  return answer;
}

async function eventually(what, holds) {
  for (const until = Date.now() + 120_000; ; await delay(50)) {
    const found = await holds();
    if (found) return found;
    assert.ok(Date.now() < until, `in vain waited for ${what}`);
  }
}

/** The folder of the database's socket, as its own server has written it down. */
function socketOf(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name === "postmaster.pid") return readFileSync(path, "utf8").split("\n")[4];
    const found = statSync(path).isDirectory() ? socketOf(path) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Runs a program of PostgreSQL as the user that its server runs as. */
function postgres(...given) {
  const owner = process.getuid() === 0 ? ["runuser", "-u", "postgres", "--"] : [];
  const [program, ...rest] = [...owner, ...given];
  const done = spawnSync(program, rest, {maxBuffer: 1 << 28});
  assert.equal(done.status, 0, `${given.join(" ")}: ${done.stderr}`);
  return done.stdout.toString();
}
const dump = () => postgres("pg_dump", "-h", socketOf(desk.data), "-U", "postgres", "usher");
const sql = (text) => postgres("psql", "-h", socketOf(desk.data), "-U", "postgres", "-d", "usher", "-AtXc", text).trim();

/** Where a canary stands, for whoever has to find out why. */
function linesOf(text) {
  let table = "";
  const found = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("COPY ")) table = line;
    if (foundIn(line).length > 0) found.push(`${table.slice(0, 60)} … ${line.slice(0, 300)}`);
  }
  return found.slice(0, 10).join("\n");
}

function foundIn(text) {
  const small = text.toLowerCase();
  return Object.values(canaries).filter((one) => small.includes(one.toLowerCase()));
}
const log = () => readFileSync(join(desk.home, "log"), "utf8");

function letter(n) {
  return {
    subject: `${canaries.name} asks (${n})`, body: `Call ${canaries.phone}; ${canaries.diet}; card ${canaries.card}`, channel: "email", tags: [canaries.tag],
    custom_fields: {note: canaries.field, list: [{deep: canaries.field}]}, requester: {name: canaries.name, email: canaries.email},
    wedding: {at: "2031-06-13T15:00:00Z", venue: canaries.venue},
  };
}

/** A ticket that has been through all that can happen to it. */
async function busyTicket(n, people, closes) {
  const made = (await call("POST", `${api}/tickets`, people.customer, letter(n), 201, {"Idempotency-Key": `make-${n}`})).json;
  const path = `${api}/tickets/${made.id}`;
  await call("POST", `${path}/messages`, people.customer, {body: `${canaries.diet} once more, ${canaries.email}`}, 201, {"Idempotency-Key": `say-${n}`});
  await call("POST", `${path}/messages`, people.agent, {body: `${canaries.note}: ${canaries.phone}`, visibility: "internal"}, 201);
  await call("POST", `${path}/messages`, people.agent, {body: `Dear ${canaries.name}`, visibility: "public"}, 201, {"Idempotency-Key": `answer-${n}`});
  await call("POST", `${path}/escalate`, people.agent, {level: 2, reason: canaries.reason}, 200);
  await call("PATCH", path, people.agent, {subject: `${canaries.name} and ${canaries.diet}`}, 200);
  await call("PATCH", path, people.agent, {subject: canaries.card.repeat(20)}, 422);
  await call("GET", `${api}/tickets?q=${encodeURIComponent(canaries.diet)}`, people.agent, undefined, 200);
  if (!closes) return made.id;
  await call("PATCH", path, people.agent, {status: "resolved"}, 200);
  await call("POST", `${path}/csat`, people.customer, {score: 4, comment: `${canaries.comment} ${canaries.name}`}, 200);
  await call("PATCH", path, people.agent, {status: "closed"}, 200);
  return made.id;
}

async function figures(admin) {
  const {json} = await call("GET", `${api}/analytics?group_by=category`, admin, undefined, 200);
  return JSON.stringify(json.groups ?? json.data ?? json);
}

async function erase(admin, subject) {
  const made = await call("POST", `${api}/privacy/erasures`, admin, {subject}, 201, {"Idempotency-Key": `erase-${JSON.stringify(subject).length}`});
  return eventually("the erasure", async () => {
    const {json} = await call("GET", made.headers.location, admin, undefined, 200);
    return json.state === "done" && json;
  });
}

async function concurrently(people, ticket) {
  const path = `${api}/tickets/${ticket}`;
  let stop = false;
  const changing = (async () => {
    for (let i = 0; !stop; ++i) await call("PATCH", path, people.agent, {priority: i % 2 ? "high" : "low"});
  })();
  const done = await erase(people.admin, {email: canaries.email});
  stop = true;
  await changing;
  const now = (await call("PATCH", path, people.agent, {priority: "medium"}, 200)).json;
  assert.equal(now.subject, "[erased]");
  assert.equal(now.body, "[erased]");
  return done;
}

/** Killed in the middle: what it had begun is ended by the next start. */
async function crash(people) {
  for (let n = 100; n < 140; ++n) await call("POST", `${api}/tickets`, people.customer, letter(n), 201);
  const asked = call("POST", `${api}/privacy/erasures`, people.admin, {subject: {email: canaries.email}}).catch(() => undefined);
  await eventually("some of it", async () => Number(sql("SELECT count(*) FROM usher.erasure_tickets t JOIN usher.erasures e ON e.id = t.erasure_id WHERE t.state = 'erased' AND e.state = 'running'")) > 0 || Number(sql("SELECT count(*) FROM usher.support_tickets WHERE subject <> '[erased]' AND requester_email IS NOT NULL AND organization_id = '" + mine + "'")) === 0);
  desk.child.kill("SIGKILL");
  await once(desk.child, "exit");
  await asked;
  await desk.start();
  await eventually("the erasure's end", async () => {
    const {json} = await call("GET", `${api}/privacy/erasures`, people.admin, undefined, 200);
    return json.data.every(({state}) => state === "done");
  });
  assert.deepEqual(foundIn(dump()), [canaries.user], "what the address had sent is gone, the user is another subject");
}

const guest = "Tante Ottoline Vögelsang";
const isNamed = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().includes("vogelsang");

/** A ticket of somebody else's that names a guest wherever it can. */
async function ticketAboutGuest(n, people) {
  const body = {
    subject: `${guest} (${n})`, body: `We have\n${guest.toUpperCase()} at table 4.`, tags: [guest], channel: "web", requester: {name: `Niece of ${guest}`, email: "niece@example.net"},
    custom_fields: {seat: `near\n${guest}`, [guest]: {diet: ["no nuts", guest]}}, wedding: {at: "2031-06-13T15:00:00Z", venue: `${guest}'s barn`},
  };
  const {id} = (await call("POST", `${api}/tickets`, people.stranger, body, 201, {"Idempotency-Key": `guest-${n}`})).json;
  return id;
}

async function talkAboutGuest(path, people, closes) {
  await call("POST", `${path}/messages`, people.stranger, {body: `tante  ottoline vogelsang is late`}, 201, {"Idempotency-Key": `say-${path}`});
  await call("POST", `${path}/messages`, people.agent, {body: `Of ${guest}: allergic`, visibility: "internal"}, 201);
  await call("POST", `${path}/escalate`, people.agent, {level: 2, reason: `for ${guest}`}, 200);
  await call("PATCH", path, people.agent, {subject: `Where is ${guest}?`}, 200);
  if (!closes) return;
  await call("PATCH", path, people.agent, {status: "resolved"}, 200);
  await call("POST", `${path}/csat`, people.stranger, {score: 4, comment: `${guest} liked it`}, 200);
  await call("PATCH", path, people.agent, {status: "closed"}, 200);
}

async function search(as) {
  const made = await call("POST", `${api}/privacy/erasures`, as, {subject: {phrase: "tante ottoline vogelsang"}}, 201);
  assert.ok(!isNamed(made.text), made.text);
  const path = made.headers.location;
  return {path, ...(await eventually("the preview", async () => {
    const {json} = await call("GET", path, as, undefined, 200);
    return json.state === "preview" && json;
  }))};
}

const ended = (path, as) => eventually("the erasure's end", async () => {
  const {json} = await call("GET", path, as, undefined, 200);
  return json.state === "done" && json;
});

/** A guest's name goes from the tickets that somebody confirms, while they are worked on, and nothing else changes. */
async function aboutGuest(people) {
  const ids = [];
  for (let n = 0; n < 3; ++n) ids.push(await ticketAboutGuest(n, people));
  const [live, , deleted] = ids;
  for (const [i, id] of ids.entries()) await talkAboutGuest(`${api}/tickets/${id}`, people, i === 1);
  await call("DELETE", `${api}/tickets/${deleted}`, people.manager, undefined, 204);
  assert.ok(isNamed(dump()), "the search finds what is there");
  assert.deepEqual((await search(desk.token("admin", "my-admin", mine))).found, []);
  const preview = await search(people.admin);
  assert.deepEqual(new Set(preview.found.map(({id}) => id)), new Set(ids));
  assert.ok(preview.found.every(({hit_count, hits, held}) => hit_count >= 10 && hits.length === 10 && hits.every(({text}) => isNamed(text)) && !held));
  const before = (await call("GET", `${api}/tickets/${live}`, people.agent, undefined, 200)).json;
  assert.ok(isNamed(before.subject), "a preview changes nothing");

  let stop = false;
  const changing = (async () => {
    for (let i = 0; !stop; ++i) await call("PATCH", `${api}/tickets/${live}`, people.agent, {priority: i % 2 ? "high" : "low"});
  })();
  await call("POST", `${preview.path}/confirm`, people.admin, {}, 200, {"Idempotency-Key": "confirm"});
  const done = await ended(preview.path, people.admin);
  stop = true;
  await changing;
  assert.deepEqual(new Set(done.certificate.tickets), new Set(ids));
  await call("POST", `${preview.path}/confirm`, people.admin, {}, 200, {"Idempotency-Key": "confirm"});
  await call("POST", `${preview.path}/confirm`, people.admin, {}, 409);
  const now = (await call("PATCH", `${api}/tickets/${live}`, people.agent, {priority: "medium"}, 200)).json;
  assert.equal(now.subject, "Where is [erased]?");
  assert.equal(now.body, "We have\n[erased] at table 4.");
  const replay = await call("POST", `${api}/tickets`, people.stranger, {subject: "x"}, 422, {"Idempotency-Key": "guest-0"});
  assert.ok(!isNamed(replay.text));
  assert.deepEqual((await call("GET", `${api}/tickets?q=vogelsang`, people.agent, undefined, 200)).json.data, []);
  const left = dump().split("\n").filter(isNamed);
  assert.deepEqual(left.filter((line) => !line.includes("tante ottoline vogelsang\t")), [], "in the database");
}

/** One of the desk's people who has left: the record says nobody any more, at once and after a restart. */
async function aboutAgent(people) {
  const agent = {id: "agent-leaving", name: "Leonore Abschied", email: "abschied@example.net", phone: "+49 151 777", role: "agent"};
  const named = (text) => ["Leonore", "abschied@example.net", "+49 151 777"].filter((one) => text.includes(one));
  const path = `${api}/agents/${agent.id}`;
  const subject = {subject: {email: agent.email.toUpperCase()}};
  const erasures = `${api}/privacy/erasures`;
  const again = async () => {
    await desk.stop();
    await desk.start("--auto-assign", "false"); // nobody takes the ticket over
  };
  await again();
  await call("POST", `${api}/agents`, people.admin, agent, 201, {"Idempotency-Key": "leaving"});
  const password = "correct horse battery staple";
  assert.equal(spawnSync(process.env.USHER_BINARY, ["password", agent.id, "--data", desk.data], {input: `${password}\n`}).status, 0);
  const login = () => desk.send("POST", `${api}/session`, {headers: {"Content-Type": "application/json"}, body: JSON.stringify({user: agent.id, password})});
  const entered = await login();
  assert.equal(entered.status, 200, entered.text);
  const headers = {Cookie: entered.headers["set-cookie"].toString().split(";")[0]};

  await call("PUT", `${path}/presence`, people.admin, {status: "online"}, 200);
  assert.match((await call("POST", erasures, people.admin, subject, 409)).json.detail, /offline/);
  const {id} = (await call("POST", `${api}/tickets`, people.stranger, {subject: "The cake", body: "Where is it?"}, 201)).json;
  await call("PUT", `${api}/tickets/${id}/assign`, people.admin, {agent_id: agent.id}, 200);
  await call("PUT", `${path}/presence`, people.admin, {status: "offline"}, 200);
  const holds = async () => (await call("GET", path, people.admin, undefined, 200)).json.load;
  await eventually("the load", async () => (await holds()) > 0);
  assert.match((await call("POST", erasures, people.admin, subject, 409)).json.detail, /open tickets/);
  await call("PATCH", `${api}/tickets/${id}`, people.admin, {status: "resolved"}, 200);
  await call("PATCH", `${api}/tickets/${id}`, people.manager, {status: "closed"}, 200);
  await eventually("an end of the load", async () => (await holds()) === 0);

  const made = await call("POST", erasures, people.admin, subject, 201);
  const done = await ended(made.headers.location, people.admin);
  assert.deepEqual([done.certificate.rows.support_agents, done.certificate.rows.staff_passwords, done.certificate.rows.staff_sessions], [1, 1, 1]);
  const check = async () => {
    const now = (await call("GET", path, people.admin, undefined, 200)).json;
    assert.deepEqual([now.name, now.email ?? null, now.phone ?? null, now.presence, now.capacity], [`erased:${done.id}`, null, null, "offline", 0]);
    assert.equal((await login()).status, 401);
    assert.equal((await call("GET", `${api}/tickets/${id}`, people.admin, undefined, 200)).json.assignee_id, agent.id, "figures by agent stay");
  };
  await check();
  await eventually("the session's end", async () => (await desk.send("GET", `${api}/session`, {headers})).status === 401);
  assert.deepEqual(named(dump()), []);
  await again();
  await check();
}

/** Killed in the middle of a confirmation, the next start ends it. */
async function crashAboutGuest(people) {
  for (let n = 200; n < 240; ++n) await ticketAboutGuest(n, people);
  const {path} = await search(people.admin);
  const asked = call("POST", `${path}/confirm`, people.admin, {}).catch(() => undefined);
  await eventually("some of it", () => Number(sql("SELECT count(*) FROM usher.erasure_tickets t JOIN usher.erasures e ON e.id = t.erasure_id WHERE t.state = 'erased' AND e.kind = 'phrase' AND e.state <> 'done'")) > 0 || sql("SELECT count(*) FROM usher.erasures WHERE kind = 'phrase' AND state <> 'done'") === "0");
  desk.child.kill("SIGKILL");
  await once(desk.child, "exit");
  await asked;
  await desk.start();
  assert.equal((await ended(path, people.admin)).tickets.erased, 40);
  // The preview of another admin that nobody has confirmed is the only one that still knows what it is about.
  assert.ok(dump().split("\n").filter(isNamed).length <= 1);
  const doctor = spawnSync(process.env.USHER_BINARY, ["doctor", "--audit", "--data", desk.data]);
  assert.match(doctor.stdout.toString(), /^ok +audit trail/m, doctor.stdout.toString());
}

let failed;
try {
  await desk.start();
  const people = {admin: desk.token("admin", "admin-1"), agent: desk.token("agent", "agent-7"), manager: desk.token("manager", "manager-1"), customer: desk.token("requester", canaries.user, mine), stranger: desk.token("requester", "somebody", other)};
  const live = await busyTicket(1, people, false);
  const closed = await busyTicket(2, people, true);
  const deleted = await busyTicket(3, people, false);
  await call("DELETE", `${api}/tickets/${deleted}`, people.manager, undefined, 204);
  const foreign = (await call("POST", `${api}/tickets`, people.stranger, {subject: "Ours", body: "Nothing of hers."}, 201)).json;
  await call("POST", `${api}/ai/categorize`, people.agent, {subject: canaries.name, body: canaries.diet}, 200);
  for (const as of [people.agent, people.manager, people.customer]) await call("POST", `${api}/privacy/erasures`, as, {subject: {email: canaries.email}}, 403);
  const narrowed = desk.token("admin", "their-admin", other);
  assert.deepEqual((await call("POST", `${api}/privacy/erasures`, narrowed, {subject: {email: canaries.email}}, 201)).json.certificate.tickets, []);
  assert.deepEqual(foundIn(log()), [], "in the log");
  assert.equal(foundIn(dump()).length, Object.keys(canaries).length, "the search finds what is there");
  const before = await figures(people.admin);

  const done = await concurrently(people, live);
  assert.deepEqual(new Set(done.certificate.tickets), new Set([live, closed, deleted]));
  assert.ok(done.certificate.rows.ticket_messages >= 9);
  const replay = await call("POST", `${api}/tickets`, people.customer, letter(1), 201, {"Idempotency-Key": "make-1"});
  assert.equal(replay.headers["idempotent-replayed"], "true");
  assert.deepEqual(foundIn(replay.text), [canaries.user], "of a kept answer the user stays until the user is erased");
  const rest = await erase(people.admin, {user_id: canaries.user});
  assert.equal(rest.state, "done");
  assert.equal(await figures(people.admin), before, "figures stay");
  const left = dump();
  assert.deepEqual(foundIn(left), [], `in the database:\n${linesOf(left)}`);
  assert.deepEqual(foundIn(JSON.stringify([done, rest])), [], "in the certificates");
  assert.deepEqual((await call("GET", `${api}/tickets?q=${encodeURIComponent(canaries.diet)}`, people.agent, undefined, 200)).json.data, []);
  assert.equal((await call("GET", `${api}/tickets/${foreign.id}`, people.agent, undefined, 200)).json.version, foreign.version);
  await crash(people);
  await aboutGuest(people);
  await aboutAgent(people);
  await crashAboutGuest(people);
  assert.ok(!isNamed(log()), "in the log");
  assert.deepEqual(foundIn(log()), [], "in the log");
} catch (error) {
  failed = error;
  throw error;
} finally {
  await desk.end(failed);
}
