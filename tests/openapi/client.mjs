// Generates the TypeScript client from what a desk serves, compiles a program on it, and runs that against the desk.
//   client.mjs WORK      WORK is a folder beside node_modules
import assert from "node:assert/strict";
import {spawn, spawnSync} from "node:child_process";
import {copyFileSync, mkdirSync, rmSync, writeFileSync} from "node:fs";
import {once} from "node:events";
import {join} from "node:path";

import {Desk} from "./desk.mjs";
import {organization} from "./live_work.mjs";

const work = process.argv[2];

function tool(name, ...given) {
  const done = spawnSync(join(process.env.USHER_NODE_MODULES, ".bin", name), given, {cwd: work, stdio: "inherit"});
  assert.equal(done.status, 0, `${name} ${given.join(" ")}`);
}

/** A program with an error that only the types can see does not compile: so what compiles has been checked. */
function checkTypesBite() {
  const wrong = 'import type {components} from "./schema.js";\nexport const status: components["schemas"]["TicketStatus"] = "lost";\n';
  writeFileSync(join(work, "wrong.ts"), wrong);
  const done = spawnSync(join(process.env.USHER_NODE_MODULES, ".bin", "tsc"), ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "wrong.ts"], {cwd: work});
  assert.match(done.stdout.toString(), /Type '"lost"' is not assignable/);
}

const desk = new Desk();
let failed;
try {
  rmSync(work, {recursive: true, force: true});
  mkdirSync(work, {recursive: true});
  for (const file of ["client.ts", "tsconfig.json"]) copyFileSync(new URL(file, import.meta.url), join(work, file));
  writeFileSync(join(work, "package.json"), '{"type": "module"}');
  await desk.start();
  writeFileSync(join(work, "openapi.json"), (await desk.send("GET", "/openapi.json")).text);
  tool("openapi-typescript", "openapi.json", "--output", "schema.d.ts");
  tool("tsc", "--project", "tsconfig.json");
  checkTypesBite();
  const env = {...process.env, USHER_URL: desk.url.origin, USHER_CUSTOMER: desk.token("requester", "customer-1", organization), USHER_AGENT: desk.token("agent", "agent-7")};
  const [code] = await once(spawn(process.execPath, ["out/client.js"], {cwd: work, stdio: "inherit", env}), "exit");
  assert.equal(code, 0, "the client's program");
} catch (error) {
  failed = error;
  throw error;
} finally {
  await desk.end(failed);
}
