// The dashboards: what Grafana needs of their JSON, and that none of their questions comes back empty from the real
// Prometheus, on a desk that has something to show. node dashboards.mjs
import assert from "node:assert/strict";
import {readdirSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {fileURLToPath} from "node:url";

import {WatchedDesk} from "./desk_calls.mjs";
import {eventually, Watchers} from "./watchers.mjs";

const folder = fileURLToPath(new URL("../../metrics/grafana/dashboards", import.meta.url));
const boards = readdirSync(folder).map((file) => ({file, board: JSON.parse(readFileSync(join(folder, file), "utf8"))}));
const panelsOf = (board) => board.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);

/** What Grafana would refuse, or show as nothing. */
function check({file, board}) {
  const at = (what) => `${file}: ${what}`;
  assert.ok(Number.isInteger(board.schemaVersion) && board.schemaVersion >= 36, at("schemaVersion"));
  assert.match(board.uid, /^[a-z-]{1,40}$/, at("uid"));
  assert.ok(board.title && board.description && board.refresh && board.time?.from, at("title, description, refresh, time"));
  const variables = new Map(board.templating.list.map((one) => [one.name, one]));
  assert.equal(variables.get("datasource")?.type, "datasource", at("there is no choice of a data source"));
  assert.equal(variables.get("datasource").query, "prometheus");
  const panels = panelsOf(board);
  assert.equal(new Set(panels.map((one) => one.id)).size, panels.length, at("ids of panels are not unique"));
  let free = 0;
  for (const panel of panels) {
    const where = at(`panel ${panel.id} (${panel.title})`);
    const {x, y, w, h} = panel.gridPos;
    assert.ok(x >= 0 && x + w <= 24 && h > 0 && y >= free - 24, where);
    free = Math.max(free, y + h);
    if (panel.type === "row") continue;
    assert.ok(panel.title && panel.description, where);
    assert.ok(panel.fieldConfig.defaults.unit, `${where} has no unit`);
    const {mode, steps} = panel.fieldConfig.defaults.thresholds;
    assert.equal(mode, "absolute", where);
    assert.equal(steps[0].value, null, `${where}: the first threshold has to be open`);
    const values = steps.slice(1).map((one) => one.value);
    assert.ok(values.every((value, i) => Number.isFinite(value) && (i === 0 || value > values[i - 1])), `${where}: ${JSON.stringify(steps)}`);
    assert.ok(panel.targets.length > 0, where);
    assert.equal(new Set(panel.targets.map((one) => one.refId)).size, panel.targets.length, where);
    for (const one of [panel, ...panel.targets]) assert.deepEqual(one.datasource, {type: "prometheus", uid: "${datasource}"}, where);
    for (const {expr} of panel.targets) {
      for (const [, name] of expr.matchAll(/\$\{?(\w+)/g)) assert.ok(name.startsWith("__") || variables.has(name), `${where} uses $${name}`);
    }
  }
}

/** As Grafana would ask, with everything chosen. */
function asked(expression) {
  const filled = expression.replaceAll("$__rate_interval", "20s").replaceAll("$tier", ".*");
  assert.ok(!filled.includes("$"), filled);
  return filled;
}

const tiers = ["ENTERPRISE", "PROFESSIONAL", "STARTER", "FREE"];

/** A little of everything that a desk does; once more each time it is called. */
async function live(desk, customers) {
  const agent = desk.token("agent");
  for (const customer of customers) {
    const {id} = await desk.ticket(customer, {priority: "high"});
    await desk.ask("GET", `/api/support/tickets/${id}`, agent);
    await desk.ask("POST", `/api/support/tickets/${id}/messages`, agent, {body: "It is under Billing.", visibility: "public"});
    await desk.ask("POST", `/api/support/tickets/${id}/messages`, customer, {body: "Found it, thank you.", visibility: "public"});
    await desk.ask("PATCH", `/api/support/tickets/${id}`, agent, {status: "resolved"});
    await desk.ticket(customer, {priority: "medium"});
  }
  await desk.ask("POST", "/api/support/escalation", desk.token("supervisor"), {action: "check"});
}

for (const one of boards) check(one);
assert.equal(boards.length, 4);
assert.equal(new Set(boards.map(({board}) => board.uid)).size, boards.length);

const desk = new WatchedDesk();
const watch = new Watchers();
let failed = true;
try {
  await desk.start("--log-level", "warn", "--demo");
  await watch.start(desk.url.href, {alerting: false});
  // Somebody whom the ladder can tell, so that notifications leave.
  await desk.ask("POST", "/api/support/agents", desk.token("supervisor"), {id: "sue", name: "Sue", email: "sue@desk.example", role: "supervisor"});
  const customers = [];
  for (const [i, tier] of tiers.entries()) {
    customers.push(await desk.organization(`0197a000-0000-7000-8000-0000000000d${i}`, tier));
    await desk.targets(tier, "medium", 1, 2);
  }
  const questions = boards.flatMap(({file, board}) => panelsOf(board).flatMap((panel) => (panel.targets ?? []).map(({expr}) => ({where: `${file}, ${panel.title}`, expr}))));
  assert.ok(questions.length > 80);
  let open = questions;
  await eventually(
    "every question has an answer",
    async () => {
      await live(desk, customers);
      const still = [];
      for (const one of open) {
        const answer = await watch.query(asked(one.expr));
        if (!answer.some(({value}) => Number.isFinite(value))) still.push(one);
      }
      open = still;
      if (open.length > 0) throw new Error(open.map(({where, expr}) => `${where}: ${expr}`).join("\n"));
      return true;
    },
    240_000,
  );
  failed = false;
  console.log(`${questions.length} questions`);
} finally {
  await watch.stop();
  await desk.end(failed);
}
