// Through every string of every body, every parameter and every header of the document: what injects, and JSON that is
// none. Nothing of it is a fault of the desk, nothing has an effect, and what is stored is what was sent.
//   sweep.mjs JSON_TEST_SUITE
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";

import {Desk} from "./desk.mjs";
import {ApiDocument} from "./document.mjs";
import {makeWorld, must} from "./matrix_world.mjs";
import {injections, torture} from "./sweep_strings.mjs";

const slowest = 30_000; // of one answer; the sleep that is asked for takes longer

class Sweep {
  constructor(desk, document, world) {
    Object.assign(this, {desk, document, world, wrong: [], count: 0});
    this.admin = {Authorization: `Bearer ${world.admin}`};
  }

  async ask(method, path, headers, body) {
    const began = Date.now();
    const answer = await this.desk.send(method, path, {headers: {...this.admin, ...headers}, body});
    const what = `${method} ${path.slice(0, 160)} ${String(body ?? "").slice(0, 160)} ${JSON.stringify(headers).slice(0, 160)} → ${answer.status} ${answer.text.slice(0, 200)}`;
    ++this.count;
    this.check(answer.status < 500, what);
    this.check(answer.headers["x-swept"] === undefined, `${what}\n    a header was injected`);
    this.check(Date.now() - began < slowest, `${what}\n    took ${Date.now() - began} ms`);
    return {...answer, what};
  }

  check(holds, what) {
    if (!holds) this.wrong.push(what);
  }

  resolve(node) {
    return node?.$ref ? this.document.resolve(node.$ref.slice(1)).node : node;
  }

  /** The query's and the path's parameters, and the headers. */
  parametersOf({path, operation}, where) {
    const all = [...(this.document.root.paths[path].parameters ?? []), ...(operation.parameters ?? [])];
    return all.map((one) => this.resolve(one)).filter((one) => one.in === where);
  }

  exampleOf({operation}) {
    const content = this.resolve(operation.requestBody)?.content["application/json"];
    if (!content) return undefined;
    return structuredClone(this.resolve(Object.values(content.examples ?? {})[0])?.value ?? content.example ?? {});
  }

  schemaOf({operation}) {
    return this.resolve(operation.requestBody)?.content["application/json"].schema;
  }

  /** Pointers of all strings that a body may have, by its schema. */
  stringsOf(schema, at = [], depth = 0) {
    const node = this.resolve(schema);
    if (!node || node.readOnly || depth > 8) return [];
    const inside = [...(node.allOf ?? []), ...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap((one) => this.stringsOf(one, at, depth + 1));
    const members = Object.entries(node.properties ?? {}).flatMap(([name, each]) => this.stringsOf(each, [...at, name], depth + 1));
    const items = node.items && typeof node.items === "object" ? this.stringsOf(node.items, [...at, 0], depth + 1) : [];
    const others = node.additionalProperties && typeof node.additionalProperties === "object" ? this.stringsOf(node.additionalProperties, [...at, "swept"], depth + 1) : [];
    const here = [node.type].flat().includes("string") || (node.enum ?? []).some((each) => typeof each === "string") ? [at] : [];
    const found = [...here, ...inside, ...members, ...items, ...others];
    return [...new Map(found.map((each) => [each.join("/"), each])).values()];
  }

  put(body, pointer, value) {
    let at = body;
    for (const [i, step] of pointer.entries()) {
      if (i === pointer.length - 1) at[step] = value;
      else if (typeof at[step] !== "object" || at[step] === null) at[step] = typeof pointer[i + 1] === "number" ? [] : {};
      at = at[step];
    }
  }

  get(body, pointer) {
    return pointer.reduce((at, step) => at?.[step], body);
  }

  /** A path with something real in each brace; fresh, since some of them remove it. */
  async fill(path, method) {
    const kinds = [["/organizations/", "organization"], ["/calendars/", "calendar"], ["/agents/", "agent"], ["/alerts/", "alert"], ["/articles/", "article"], ["/macros/", "macro"], ["/patterns/", "pattern"], ["/webhooks/", "webhook"], ["/categories/", "category"], ["/rules/", "rule"], ["/csat/", "score"], ["/docs/", "file"], ["/console/", "console"], ["/api-keys/", "api_key"], ["/exports/", "export"], ["/confirm", "preview"], ["/erasures/", "erasure"]];
    const kind = path.includes("{tier}") ? "policy" : (kinds.find(([part]) => path.includes(part))?.[1] ?? "ticket");
    if (!path.includes("{")) return path;
    const {id} = kind === "ticket" ? (this.ticket ??= await this.world.make.ticket()) : await this.world.make[kind](method === "DELETE");
    return path.replace("{tier}/{priority}", id).replace("{delivery_id}", this.world.ours.delivery.id).replace(/\{\w+\}/, id);
  }

  async bodies(one) {
    const example = this.exampleOf(one);
    if (example === undefined) return;
    const path = await this.fill(one.path, one.method);
    for (const pointer of this.stringsOf(this.schemaOf(one))) {
      // A pattern that is well-formed is compiled with all others: a moment each.
      const some = one.path.includes("/ai/patterns") && pointer[0] === "pattern" ? injections.slice(0, 1) : injections;
      for (const each of some) {
        const body = structuredClone(example);
        this.put(body, pointer, each);
        const answer = await this.ask(one.method, path, {"Content-Type": "application/json"}, JSON.stringify(body));
        if (answer.status >= 300 || !answer.text) continue;
        const stored = this.get(JSON.parse(answer.text), pointer);
        if (typeof stored === "string") this.check(stored === each, `${answer.what}\n    ${pointer.join("/")} is not what was sent`);
      }
    }
    for (const [name, bytes] of torture(example)) {
      const answer = await this.ask(one.method, path, {"Content-Type": "application/json"}, bytes);
      this.check([400, 422].includes(answer.status), `${answer.what}\n    ${name} is taken`);
    }
  }

  async parameters(one) {
    const braces = one.path.match(/\{\w+\}/g) ?? [];
    const body = this.exampleOf(one);
    const content = body === undefined ? {} : {"Content-Type": "application/json"};
    const text = body === undefined ? undefined : JSON.stringify(body);
    for (const brace of braces)
      for (const each of injections) {
        const path = one.path.replace(brace, encodeURIComponent(each)).replace(/\{\w+\}/g, "0197a000-0000-7000-8000-0000000000ee");
        const answer = await this.ask(one.method, path, content, text);
        this.check([400, 404, 422].includes(answer.status), `${answer.what}\n    there is no such thing`);
      }
    if (one.method !== "GET") return;
    const path = await this.fill(one.path, one.method);
    for (const {name} of this.parametersOf(one, "query"))
      for (const each of injections) {
        const answer = await this.ask("GET", `${path}?${name}=${encodeURIComponent(each)}`, {});
        this.check([200, 400].includes(answer.status), answer.what);
        if (answer.status !== 200 || name === "q" || !answer.headers["content-type"].includes("json")) continue;
        // Only what another part of this sweep has named so.
        const found = JSON.parse(answer.text).data ?? [];
        this.check(found.every((item) => JSON.stringify(item).includes(JSON.stringify(each).slice(1, -1))), `${answer.what}\n    a filter of nonsense finds something`);
      }
  }

  async headers(one) {
    const path = await this.fill(one.path, one.method);
    const body = this.exampleOf(one) === undefined ? undefined : "{}";
    const names = ["X-Request-Id", "traceparent", "Accept", "Accept-Encoding", ...this.parametersOf(one, "header").map(({name}) => name)];
    for (const name of names)
      for (const each of injections) {
        // A client that keeps to the rules can't send these bytes; those that don't are the framing tests'.
        if (/[^\t\x20-\x7e\x80-\xff]/.test(each)) continue;
        await this.ask(one.method === "DELETE" ? "GET" : one.method, path, {[name]: each, ...(body ? {"Content-Type": "application/json"} : {})}, body);
      }
  }
}

/** What is JSON, what is none, and what is a matter of taste, as a body. */
async function suite(sweep, file) {
  const {vectors} = JSON.parse(readFileSync(file, "utf8"));
  assert.ok(vectors.length > 250);
  for (const {name, text} of vectors) {
    const answer = await sweep.ask("POST", "/api/support/tickets", {"Content-Type": "application/json"}, Buffer.from(text, "base64url"));
    const right = name.startsWith("n_") ? [400] : name.startsWith("y_") ? [400, 422] : [400, 422];
    sweep.check(right.includes(answer.status), `${name}: ${answer.what}`);
    // A member that comes twice is JSON, and not taken.
    if (name.startsWith("y_") && !name.includes("duplicated")) sweep.check(answer.status === 422, `${name}: ${answer.what}`);
  }
}

const desk = new Desk();
let failed;
try {
  await desk.start("--webhook-allow-private", "127.0.0.0/8", "--auto-assign", "false");
  const document = new ApiDocument((await desk.send("GET", "/openapi.json")).text);
  const world = await makeWorld(desk);
  const sweep = new Sweep(desk, document, world);
  const see = (path) => must(desk, world.admin, "GET", path, undefined, 200);
  const before = await see(`/api/support/tickets/${world.theirs.ticket.id}`);
  for (const one of document.operations().map((each) => ({...each, method: each.method.toUpperCase()}))) {
    await sweep.bodies(one);
    await sweep.parameters(one);
    await sweep.headers(one);
  }
  await suite(sweep, process.argv[2]);
  const after = await see(`/api/support/tickets/${world.theirs.ticket.id}`);
  assert.deepEqual([after.version, after.subject], [before.version, before.subject], "another ticket was changed");
  assert.equal((await desk.send("GET", "/readyz")).status, 200);
  assert.ok(sweep.count > 2000);
  assert.equal(sweep.wrong.length, 0, `${sweep.wrong.length} of ${sweep.count} answers:\n${sweep.wrong.join("\n")}`);
  console.log(`${sweep.count} answers, none a fault`);
} catch (error) {
  failed = error;
  throw error;
} finally {
  await desk.end(failed);
}
