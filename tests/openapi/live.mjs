// A desk's answers against its document: every operation, every documented status, and the protocol's own refusals.
import assert from "node:assert/strict";

import {Desk} from "./desk.mjs";
import {ApiDocument, notYet} from "./document.mjs";
import {everyOperation} from "./live_every.mjs";
import {frozenDay, frozenDays} from "./live_freeze.mjs";
import {refusedByGuard, refusedWithoutStore} from "./live_refusals.mjs";
import {workDay} from "./live_work.mjs";

/** Documented because any of these can happen to any operation; this run makes it happen to some. */
const unseen = [
  [/ 422$/, /^POST .*\/(restore|acknowledge|redeliver) /], // a key used with another body, where there is no body
  [/ 409$/, /^POST \/api\/support\/(tickets(\/bulk)?|ai\/categorize|escalation|sla\/policies\/apply|sla\/calendars|kb\/articles|macros|privacy\/erasures|session) /], // only a key in flight
  [/ 503$/, /./],
];

class Run {
  constructor(desk, document) {
    Object.assign(this, {desk, document, seen: new Set(), wrong: [], count: 0});
    this.served = document.operations().filter((one) => !notYet.operations.includes(one.name));
  }

  has(name) {
    return this.served.some((one) => one.name === name);
  }

  notYetParameters(name) {
    return notYet.parameters[name] ?? [];
  }

  /** Sends a request to an operation, has its answer judged, and gives it back. `expect` is the status. */
  async ask(name, {path, as, headers = {}, body, expect, query = "", head = false, type = "application/json"} = {}) {
    const [method, template] = name.split(" ");
    const all = {...(as ? {Authorization: `Bearer ${as}`} : {}), ...(body === undefined ? {} : {"Content-Type": type}), ...headers};
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const answer = await this.desk.send(head ? "HEAD" : method, (path ?? template) + query, {headers: all, body: text});
    this.note(name, answer, expect, this.document.judgeAnswer(method.toLowerCase(), template, answer, {head}), {query, body: text});
    if (!head) this.seen.add(`${name} ${answer.status}`);
    answer.json = answer.headers["content-type"]?.includes("json") && answer.text ? JSON.parse(answer.text) : undefined;
    return answer;
  }

  note(name, answer, expect, wrong, sent = {}) {
    ++this.count;
    if (expect !== undefined && answer.status !== expect) wrong = [`the status is ${answer.status} instead of ${expect}`, ...wrong];
    for (const why of wrong) this.wrong.push(`${name} ${JSON.stringify(sent).slice(0, 200)} → ${answer.status} ${answer.text.slice(0, 300)}\n    ${why}`);
  }

  /** Judges an answer that no operation has, by a shared response of the document. */
  noteShared(name, answer, expect, response) {
    const found = this.document.resolve(`/components/responses/${response}`);
    this.note(name, answer, expect, this.document.judgeResponse(found, answer, false));
  }

  /** What is documented, and was never seen. */
  missing() {
    const all = this.served.flatMap(({name, operation}) => Object.keys(operation.responses).map((status) => `${name} ${status}`));
    const excused = (pair) => unseen.some((patterns) => patterns.every((pattern) => pattern.test(pair)));
    return all.filter((pair) => !pair.endsWith("default") && !this.seen.has(pair) && !excused(pair));
  }
}

const desk = new Desk();
let failed;
try {
  await desk.start("--webhook-allow-private", "127.0.0.0/8", "--freeze-days", frozenDays);
  const run = new Run(desk, new ApiDocument((await desk.send("GET", "/openapi.json")).text));
  await workDay(run);
  await frozenDay(run);
  await everyOperation(run);
  await refusedByGuard(run);
  await refusedWithoutStore(run);
  await desk.stop();
  await desk.start("--require-if-match", "--rate-limit-caller", "1", "--rate-limit-organization", "1000", "--rate-limit-address", "1");
  await everyOperation(run, {strict: true});
  assert.equal(run.wrong.length, 0, `${run.wrong.length} answers are not what the document says:\n${run.wrong.join("\n")}`);
  assert.deepEqual(run.missing(), [], "documented, and never seen");
  console.log(`${run.count} answers of ${run.served.length} operations are as documented; ${notYet.operations.length} are not served yet`);
} catch (error) {
  failed = error;
  throw error;
} finally {
  await desk.end(failed);
}
