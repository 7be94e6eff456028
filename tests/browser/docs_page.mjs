// The page at /docs in a real browser: it shows every operation, asks nobody but the desk, and breaks no rule of its own.
import assert from "node:assert/strict";
import {createRequire} from "node:module";
import {join} from "node:path";

import {Desk} from "../openapi/desk.mjs";
import {ApiDocument} from "../openapi/document.mjs";

const {chromium} = createRequire(join(process.env.USHER_NODE_MODULES, "index.js"))("playwright-core");
const shot = process.argv[2];

/** What goes wrong on a page, as it happens: errors, warnings of the browser, requests elsewhere, answers that fail. */
function watch(page, origin) {
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("console", (said) => ["error", "warning"].includes(said.type()) && wrong.push(`${said.type()}: ${said.text()}`));
  page.on("request", (asked) => {
    const url = new URL(asked.url());
    if (url.origin !== origin && url.protocol !== "data:") wrong.push(`a request to ${url.origin}`);
  });
  page.on("requestfailed", (asked) => wrong.push(`failed: ${asked.url()}`));
  page.on("response", (answer) => answer.status() >= 400 && wrong.push(`${answer.status()} ${answer.url()}`));
  return wrong;
}

/** Tries an operation out as a person does: opens it, executes it, reads the answer. */
async function tryOut(page, id) {
  const block = page.locator(`[id$="-${id}"]`);
  await block.locator(".opblock-summary-control").click();
  await block.locator(".execute").click();
  const answer = await block.locator(".live-responses-table .response-col_status").last().innerText();
  assert.match(answer, /^200/);
}

const desk = new Desk();
let browser;
let failed;
try {
  await desk.start();
  const document = new ApiDocument((await desk.send("GET", "/openapi.json")).text);
  browser = await chromium.launch({executablePath: process.env.USHER_CHROMIUM, args: ["--no-sandbox", "--disable-gpu"]});
  const page = await browser.newPage({viewport: {width: 1200, height: 1600}});
  page.setDefaultTimeout(120_000); // a busy machine is no error
  const wrong = watch(page, desk.url.origin);
  await page.goto(`${desk.url.origin}/docs`);
  await page.locator(".opblock").first().waitFor();
  assert.equal(await page.locator(".opblock").count(), document.operations().length);
  assert.match(await page.locator(".info .title").innerText(), /^Usher/);
  await tryOut(page, "getVersion");
  if (shot) await page.screenshot({path: shot});
  assert.deepEqual(wrong, []);
  console.log(`${document.operations().length} operations are shown`);
} catch (error) {
  failed = error;
  throw error;
} finally {
  await browser?.close();
  await desk.end(failed);
}
