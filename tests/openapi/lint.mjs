// The document is valid, lints clean, and its examples are what its schemas say.
//   lint.mjs OPENAPI.json
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {fileURLToPath} from "node:url";

import {ApiDocument} from "./document.mjs";

const file = process.argv[2];
const document = new ApiDocument(readFileSync(file, "utf8"));
let examples = 0;

function check(pointer, schema, value) {
  ++examples;
  assert.deepEqual(document.judge(schema, value), [], `the example at ${pointer}`);
}

/** Every example below a node: of schemas, of parameters and headers, of media types. */
function walk(node, pointer) {
  if (Array.isArray(node)) return node.forEach((value, index) => walk(value, `${pointer}/${index}`));
  if (node === null || typeof node !== "object") return;
  if (node.schema && "example" in node) check(pointer, `${pointer}/schema`, node.example);
  if (node.schema && node.examples)
    for (const [name, example] of Object.entries(node.examples)) check(`${pointer}/examples/${name}`, `${pointer}/schema`, example.value);
  if (!node.schema && Array.isArray(node.examples)) node.examples.forEach((value) => check(pointer, pointer, value));
  for (const [name, value] of Object.entries(node)) walk(value, `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
}

/** Objects that an answer may contain say what they have: whatever else the desk sends is a mistake. */
function checkClosed(node, pointer) {
  if (Array.isArray(node)) return node.forEach((value, index) => checkClosed(value, `${pointer}/${index}`));
  if (node === null || typeof node !== "object") return;
  const isObject = [node.type].flat().includes("object") && !pointer.endsWith("Members");
  if (isObject) assert.ok("unevaluatedProperties" in node || "additionalProperties" in node, `${pointer} is open`);
  for (const [name, value] of Object.entries(node)) checkClosed(value, `${pointer}/${name}`);
}

/** A judge that lets everything pass would be found out here. */
function checkBites() {
  const schema = "/components/schemas/Ticket";
  const [ticket] = document.resolve(schema).node.examples;
  assert.notDeepEqual(document.judge(schema, {...ticket, colour: "red"}), [], "a member too many");
  assert.notDeepEqual(document.judge(schema, {...ticket, sla: [{...ticket.sla[0], colour: "red"}]}), [], "one inside");
  assert.notDeepEqual(document.judge(schema, {...ticket, created_at: "2026-06-13T12:00:00Z"}), [], "no milliseconds");
  const {subject, ...rest} = ticket;
  assert.notDeepEqual(document.judge(schema, rest), [], `without ${subject}`);
  const answer = {status: 418, headers: {}, text: ""};
  assert.notDeepEqual(document.judgeAnswer("get", "/livez", answer), [], "a foreign status");
  const alive = {status: 200, headers: {"content-type": "application/json", "x-request-id": "a"}, text: '{"status":"alive"}'};
  assert.deepEqual(document.judgeAnswer("get", "/livez", alive), []);
  assert.notDeepEqual(document.judgeAnswer("get", "/livez", {...alive, headers: {...alive.headers, "x-new": "1"}}), [], "a foreign header");
}

walk(document.root, "");
checkBites();
assert.ok(examples > 20, `only ${examples} examples`);
checkClosed(document.root.components.schemas, "/components/schemas");

const redocly = join(process.env.USHER_NODE_MODULES, ".bin", "redocly");
const config = fileURLToPath(new URL("redocly.yaml", import.meta.url));
const env = {...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", CI: "true"};
const lint = spawnSync(redocly, ["lint", "--config", config, "--max-problems=50", file], {stdio: "inherit", env});
assert.equal(lint.status, 0, "redocly lint");
console.log(`${document.operations().length} operations, ${examples} examples`);
