// The console in a real browser: who gets in, what is shown, what customers write stays text, and nothing is left behind.
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import {createRequire} from "node:module";
import {join} from "node:path";

import {Desk} from "../openapi/desk.mjs";
import {must} from "../openapi/matrix_world.mjs";

const {chromium} = createRequire(join(process.env.USHER_NODE_MODULES, "index.js"))("playwright-core");
const shots = process.argv[2];
const password = "correct horse battery staple";
const [venue, studio] = ["0197a000-0000-7000-8000-0000000000c1", "0197a000-0000-7000-8000-0000000000c2"];
const evil = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;

/** What goes wrong on a page, as it happens; that whoever is refused is refused is no fault. */
function watch(page, origin) {
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("console", (said) => ["error", "warning"].includes(said.type()) && !/status of (401|422|429)/.test(said.text()) && wrong.push(`${said.type()}: ${said.text()}`));
  page.on("request", (asked) => {
    const url = new URL(asked.url());
    if (url.origin !== origin && url.protocol !== "data:") wrong.push(`a request to ${url.origin}`);
  });
  page.on("response", (answer) => answer.status() >= 400 && ![401, 422, 429].includes(answer.status()) && wrong.push(`${answer.status()} ${answer.url()}`));
  return wrong;
}

/** Two organizations, an agent of the whole desk, one of both, an emergency, an ordinary ticket, an alert. */
async function furnish(desk) {
  const admin = desk.token("admin", "admin-1");
  const supervisor = desk.token("supervisor", "supervisor-1");
  const names = new Map([[venue, "Harbor & Vine"], [studio, "Lumen <b>Photography</b>"]]);
  for (const [id, name] of names) await must(desk, admin, "PUT", `/api/support/organizations/${id}`, {name, tier: "ENTERPRISE", time_zone: "UTC"}, 201);
  for (const [id, organizations] of [["ina", []], ["tove", [venue, studio]]]) {
    await must(desk, supervisor, "POST", "/api/support/agents", {id, name: id, role: "agent", organizations}, 201);
    const done = spawnSync(process.env.USHER_BINARY, ["password", id, "--data", desk.data], {input: `${password}\n`});
    assert.equal(done.status, 0, done.stderr.toString());
  }
  const customer = desk.token("requester", "customer-1", venue);
  const at = new Date(Date.now() + 2 * 3_600_000).toISOString();
  const create = (subject, more = {}) => must(desk, customer, "POST", "/api/support/tickets", {subject, body: "Please look.", ...more}, 201);
  await create(evil, {wedding: {at}});
  const ticket = await create("Where do I change my address?", {priority: "low"});
  // Nobody is there to be told of level 4, so an alert tells of it.
  await must(desk, admin, "POST", `/api/support/tickets/${ticket.id}/escalate`, {level: 4, reason: "browser"}, 200);
  return {create};
}

async function signIn(page, user, secret) {
  await page.getByLabel("User").fill(user);
  await page.getByLabel("Password").fill(secret);
  await page.getByLabel("Password").press("Enter");
}

const text = (page, selector) => page.locator(selector).innerText();
const shoot = async (page, name) => shots && page.screenshot({path: join(shots, `${name}.png`), fullPage: true});

async function getIn(page) {
  await page.getByRole("heading", {name: "Sign in to the desk"}).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "user");
  await signIn(page, "ina", "not the password");
  await page.getByRole("alert").waitFor();
  assert.match(await page.getByRole("alert").innerText(), /no such user, or this is not the password/);
  assert.equal(await page.locator("#password").inputValue(), "");
  await shoot(page, "refused");
  await signIn(page, "ina", password);
  await page.getByRole("heading", {name: "Due next"}).waitFor();
  assert.equal(await text(page, "#who"), "ina, agent");
  const cookies = await page.context().cookies();
  assert.deepEqual(cookies.map(({httpOnly, sameSite}) => [httpOnly, sameSite]), [[true, "Strict"]]);
}

async function lookAround(page, {create}) {
  await page.locator("#due tr").nth(1).waitFor();
  const subjects = await page.locator("#due .subject").allInnerTexts();
  assert.ok(subjects.includes(evil) && subjects.includes("Where do I change my address?"), subjects.join("\n"));
  assert.deepEqual(await page.locator("#emergencies .subject").allInnerTexts(), [evil]);
  assert.equal(await page.locator("#desk img, #desk script, #desk b").count(), 0);
  assert.equal(await page.title(), "Usher: the desk");
  await page.locator("#live.on").waitFor();
  // What happens now shows by itself.
  await create("A new one, just now");
  await page.locator("#due .subject", {hasText: "A new one, just now"}).waitFor();
  await shoot(page, "desk");
}

async function acknowledge(page) {
  const button = page.getByRole("button", {name: /^Acknowledge: /});
  await button.first().waitFor();
  assert.match(await text(page, "#alerts"), /#2: /);
  const none = page.getByText("Nothing waits to be acknowledged.");
  for (const until = Date.now() + 120_000; !(await none.isVisible()); await page.waitForTimeout(100)) {
    assert.ok(Date.now() < until, "alerts are still open");
    // A list that is written anew takes the button away under the pointer.
    await button.first().click({timeout: 2_000}).catch(() => {});
  }
  assert.equal(await text(page, "#said"), "The alert is acknowledged.");
}

async function getOut(page) {
  await page.getByRole("button", {name: "Sign out"}).click();
  await page.getByText("You are signed out.").waitFor();
  const nothing = async () => {
    assert.equal(await page.locator("#desk").isVisible(), false);
    assert.equal(await page.locator("#desk tbody tr, #desk li").count(), 0);
    assert.doesNotMatch(await page.content(), /change my address|onerror|ina, agent/);
  };
  await nothing();
  await page.reload();
  await page.getByRole("heading", {name: "Sign in to the desk"}).waitFor();
  await nothing();
}

/** An agent of two organizations chooses one; when the agent is another one's, the page shows the door by itself. */
async function choose(page, desk) {
  await signIn(page, "tove", password);
  await page.getByLabel("Organization").waitFor();
  assert.deepEqual(await page.locator("#organization option").allInnerTexts(), ["Harbor & Vine", "Lumen <b>Photography</b>"]);
  await shoot(page, "choice");
  await page.getByLabel("Password").fill(password);
  await page.getByLabel("Organization").selectOption({index: 1});
  await page.getByRole("button", {name: "Sign in"}).click();
  await page.getByText("tove, agent, for Lumen <b>Photography</b>").waitFor();
  await page.getByText("No ticket is open.").waitFor();
  await must(desk, desk.token("supervisor", "supervisor-1"), "PUT", "/api/support/agents/tove", {organizations: [venue]}, 200);
  await page.getByText("Your session has ended.").waitFor();
  assert.equal(await page.locator("#desk").isVisible(), false);
}

async function wait(page) {
  for (let tries = 0; tries < 20 && !(await page.getByText("Too many attempts").isVisible()); ++tries) {
    await signIn(page, "ina", "not the password");
    await page.getByRole("alert").waitFor();
  }
  assert.match(await page.getByRole("alert").innerText(), /Please wait \d+ (second|minute)s?/);
  assert.equal(await page.locator("#enter").isDisabled(), true);
}

const desk = new Desk();
let browser;
let failed;
try {
  await desk.start("--auto-assign", "false");
  const made = await furnish(desk);
  browser = await chromium.launch({executablePath: process.env.USHER_CHROMIUM, args: ["--no-sandbox", "--disable-gpu"]});
  const page = await browser.newPage({viewport: {width: 1100, height: 900}});
  page.setDefaultTimeout(120_000); // a busy machine is no error
  const wrong = watch(page, desk.url.origin);
  await page.goto(`${desk.url.origin}/`);
  await getIn(page);
  await lookAround(page, made);
  await acknowledge(page);
  await page.setViewportSize({width: 390, height: 800});
  await shoot(page, "narrow");
  await getOut(page);
  await choose(page, desk);
  await wait(page);
  await shoot(page, "wait");
  assert.deepEqual(wrong, []);
  console.log("signed in, looked, acknowledged, signed out");
} catch (error) {
  failed = error;
  throw error;
} finally {
  await browser?.close();
  await desk.end(failed);
}
