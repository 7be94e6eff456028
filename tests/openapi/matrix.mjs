// Who may do what to whose things: every route of the document, by every role, on an own, another's and no thing, as
// staff of the whole desk and narrowed to one organization. And no answer to an organization holds a word of another's.
import assert from "node:assert/strict";
import {randomUUID} from "node:crypto";

import {Desk} from "./desk.mjs";
import {methods} from "./document.mjs";
import {references, rows} from "./matrix_rows.mjs";
import {api, canary, makeWorld, must} from "./matrix_world.mjs";

const ranks = ["requester", "agent", "supervisor", "manager", "executive", "admin"];
const refusals = [401, 403, 404, 405];

/** What nobody has. */
function absentOf(kind) {
  return kind === "policy" ? `${randomUUID()}/low` : randomUUID();
}

class Matrix {
  constructor(desk, world) {
    Object.assign(this, {desk, world, wrong: [], cells: 0});
    const {id} = world.ours;
    const staff = ranks.slice(1);
    this.callers = [
      {name: "nobody"},
      {name: "requester", role: "requester", organization: id},
      ...staff.map((role) => ({name: role, role})),
      ...staff.map((role) => ({name: `${role} of one`, role, organization: id})),
    ].map((one) => ({...one, sub: `matrix-${one.name.replaceAll(" ", "-")}`}));
    for (const one of this.callers) if (one.role) one.token = desk.token(one.role, one.sub, one.organization);
  }

  check(holds, what) {
    ++this.cells;
    if (!holds) this.wrong.push(what);
  }

  async ask(caller, method, path, body) {
    const headers = {"X-Request-Id": "matrix", ...(caller.token ? {Authorization: `Bearer ${caller.token}`} : {}), ...(body === undefined ? {} : {"Content-Type": "application/json"})};
    const answer = await this.desk.send(method, path, {headers, body: body === undefined ? undefined : JSON.stringify(body)});
    const what = `${caller.name}: ${method} ${path} → ${answer.status} ${answer.text.slice(0, 200)}`;
    this.check(answer.status < 500, what);
    // Open pages hold the same for all; /metrics counts, and names nobody.
    if (caller.organization) {
      const {theirs} = this.world;
      const asked = method + path + JSON.stringify(body ?? {});
      for (const secret of [canary, theirs.id, theirs.ticket.id, theirs.webhook.id, theirs.apiKey.id, theirs.apiKey.prefix, theirs.delivery.id, theirs.alert.id])
        this.check(asked.includes(secret) || !answer.text.includes(secret), `${what}\n    tells of another organization: ${secret}`);
    }
    return {...answer, what};
  }

  /** The same answer twice, but for the thing's own name. */
  checkAlike(one, [nameOfOne, other, nameOfOther], changing = /$^/) {
    const plain = ({status, headers, text}, name) => {
      const {date, "x-request-id": request, ...left} = headers;
      return JSON.stringify([status, left, text]).replaceAll(name, "NAME").replace(changing, "");
    };
    this.check(plain(one, nameOfOne) === plain(other, nameOfOther), `another's and nobody's are told apart:\n    ${one.what}\n    ${other.what}`);
  }

  async route({name, method, path, operation}) {
    const row = rows[name];
    assert.ok(row, `${name} has no row in matrix_rows.mjs`);
    const lowest = operation["x-usher-role"];
    for (const caller of this.callers) {
      if (!lowest) await this.open(caller, {row, method, path});
      else if (!caller.role || ranks.indexOf(caller.role) < ranks.indexOf(lowest)) await this.kept(caller, {row, method, path});
      else await this.letIn(caller, {row, method, path});
    }
  }

  fill(path, row, id) {
    const query = row.query ?? "";
    if (row.of === "policy") return path.replace("{tier}/{priority}", id) + query;
    if (row.of === "delivery") return path.replace("{id}", this.world.ours.webhook.id).replace("{delivery_id}", id) + query;
    return path.replace(/\{\w+\}/, id) + query;
  }

  bodyFor(row, caller) {
    return row.body?.(caller, this.world);
  }

  async open(caller, {row, method, path}) {
    const made = row.of ? (await this.world.make[row.of]()).id : "";
    const answer = await this.ask(caller, method, this.fill(path, row, made), this.bodyFor(row, caller));
    // Whose password is wrong is refused for that, whoever asks.
    this.check(!refusals.includes(answer.status) || row.refused?.includes(answer.status), `${answer.what}\n    is open to anyone`);
  }

  /** Without a token, or with a role too low, nobody learns whether a thing is there. */
  async kept(caller, {row, method, path}) {
    const {ours, theirs} = this.world;
    const things = {ticket: [ours.ticket.id, theirs.ticket.id], webhook: [ours.webhook.id, theirs.webhook.id], api_key: [ours.apiKey.id, theirs.apiKey.id], organization: [ours.id, theirs.id], alert: [ours.alert.id, theirs.alert.id], delivery: [ours.delivery.id, theirs.delivery.id]};
    const ids = row.of ? [...(things[row.of] ?? [(await this.world.make[row.of]()).id]), absentOf(row.of)] : [""];
    const answers = [];
    for (const id of ids) answers.push(await this.ask(caller, method, this.fill(path, row, id), this.bodyFor(row, caller)));
    for (const [i, answer] of answers.entries()) {
      this.check(answer.status === (caller.role ? 403 : 401), `${answer.what}\n    should be refused for the role`);
      if (ids[i].length === ids.at(-1).length) this.checkAlike(answer, [ids[i], answers.at(-1), ids.at(-1)]);
    }
  }

  async letIn(caller, {row, method, path}) {
    const may = (!row.only || row.only.includes(caller.role)) && !(caller.organization && caller.role !== "requester" && (row.desk || row.narrowed === "refused"));
    const id = row.of ? (await this.world.make[row.of](row.drops)).id : "";
    const own = await this.ask(caller, method, this.fill(path, row, id), this.bodyFor(row, caller));
    const hidden = row.narrowed === "absent" && caller.organization && caller.role !== "requester";
    if (hidden) this.check(own.status === 404, `${own.what}\n    is the whole desk's`);
    else if (may) this.check(!refusals.includes(own.status) && ![400, 422].includes(own.status), `${own.what}\n    may do this`);
    else this.check(own.status === 403, `${own.what}\n    may not do this`);
    if (!row.of) return;
    const absent = absentOf(row.of);
    const unknown = await this.ask(caller, method, this.fill(path, row, absent), this.bodyFor(row, caller));
    const expected = caller.organization ? 404 : (row.unknown ?? 404);
    if (may) this.check(unknown.status === expected, `${unknown.what}\n    nobody has this`);
    else this.check([403, 404].includes(unknown.status), `${unknown.what}\n    nobody has this, and it may not be done`);
    const foreign = this.foreignOf(row.of);
    if (!foreign || !caller.organization) return;
    const answer = await this.ask(caller, method, this.fill(path, row, foreign), this.bodyFor(row, caller));
    this.checkAlike(answer, [foreign, unknown, absent]);
  }

  foreignOf(kind) {
    const {theirs} = this.world;
    return {ticket: theirs.ticket.id, organization: theirs.id, webhook: theirs.webhook.id, api_key: theirs.apiKey.id, alert: theirs.alert.id, delivery: theirs.delivery.id}[kind];
  }

  async reference(one) {
    const {theirs} = this.world;
    const foreign = {...theirs, ticket: theirs.ticket.id, delivery: theirs.delivery.id, number: `${theirs.number}`, organization: theirs.id}[one.kind];
    const absent = one.kind === "number" ? "9" : randomUUID();
    for (const caller of this.callers) {
      if (!caller.organization || ranks.indexOf(caller.role) < ranks.indexOf(one.role)) continue;
      const answers = [];
      for (const id of [foreign, absent]) answers.push(await this.ask(caller, one.method, one.path(this.world, id), one.body?.(id)));
      answers[0].what = `${one.name}, ${answers[0].what}`;
      // A number of one digit stands elsewhere, too.
      const [nameOfForeign, nameOfAbsent] = one.kind === "number" ? [`tickets/${foreign}`, `tickets/${absent}`] : [foreign, absent];
      this.checkAlike(answers[0], [nameOfForeign, answers[1], nameOfAbsent], one.changing);
    }
  }
}

/** All that can be seen of an organization. */
async function stateOf(desk, {admin}, {id, ticket, spare, webhook, apiKey, alert}) {
  const see = (path) => must(desk, admin, "GET", `${api}${path}`, undefined, 200);
  const calm = ({sla, ...left}) => left; // the clocks run
  return {
    organization: await see(`/organizations/${id}`),
    tickets: [await see(`/tickets/${ticket.id}`), await see(`/tickets/${spare.id}`)].map(calm),
    history: (await see(`/tickets/${ticket.id}/history?limit=100`)).data.filter(({actor}) => actor.sub.startsWith("matrix")),
    messages: (await see(`/tickets/${ticket.id}/messages`)).data,
    list: (await see(`/tickets?organization_id=${id}`)).data.map((each) => each.id),
    webhooks: (await see("/webhooks")).data.filter((each) => each.organization_id === id),
    webhook: await see(`/webhooks/${webhook.id}`),
    apiKeys: (await see("/api-keys")).data.filter((each) => each.organization_id === id),
    apiKey: await see(`/api-keys/${apiKey.id}`),
    alert: (await see("/alerts?limit=100")).data.find((each) => each.id === alert.id),
  };
}

const desk = new Desk();
let failed;
try {
  await desk.start("--webhook-allow-private", "127.0.0.0/8", "--auto-assign", "false");
  const document = JSON.parse((await desk.send("GET", "/openapi.json")).text);
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => ({name: `${method.toUpperCase()} ${path}`, method: method.toUpperCase(), path, operation: item[method]})));
  const world = await makeWorld(desk);
  const matrix = new Matrix(desk, world);
  const before = await stateOf(desk, world, world.theirs);
  assert.ok(world.theirs.spare.number < 9, "the ninth ticket is nobody's yet");
  for (const one of references) await matrix.reference(one);
  for (const one of operations) await matrix.route(one);
  assert.deepEqual(await stateOf(desk, world, world.theirs), before, "what is another's was changed");
  const served = new Set(operations.map(({name}) => name));
  assert.deepEqual(Object.keys(rows).filter((name) => !served.has(name)), [], "rows of routes that are not there");
  assert.equal(matrix.wrong.length, 0, `${matrix.wrong.length} of ${matrix.cells} cells:\n${matrix.wrong.join("\n")}`);
  console.log(`${operations.length} routes, ${matrix.callers.length} callers: ${matrix.cells} checks`);
} catch (error) {
  failed = error;
  throw error;
} finally {
  await desk.end(failed);
}
