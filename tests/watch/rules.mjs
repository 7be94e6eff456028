// What ships for Prometheus and Alertmanager is valid, every rule has a unit test, and every alert its runbook.
// node rules.mjs
import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {existsSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {fileURLToPath} from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const place = join(root, "metrics/prometheus");
const run = (program, ...more) => execFileSync(program, more, {cwd: place, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"]});
const read = (path) => readFileSync(join(place, path), "utf8");
const all = (text, pattern) => [...text.matchAll(pattern)].map((found) => found[1]);

run("promtool", "check", "config", "prometheus.yml");
run("promtool", "test", "rules", "tests/recording_test.yml", "tests/alerts_test.yml");
run("amtool", "check-config", "alertmanager.yml");

const alerts = read("rules/alerts.yml");
const names = all(alerts, /- alert: (\w+)/g);
assert.ok(names.length >= 10);

const cases = read("tests/alerts_test.yml").split("eval_time").slice(1);
for (const name of names) {
  const own = cases.filter((one) => one.includes(`alertname: ${name}\n`));
  assert.ok(own.some((one) => one.includes("exp_labels")), `no test in which ${name} fires`);
  assert.ok(own.some((one) => one.includes("exp_alerts: []")), `no test in which ${name} is quiet`);
}
const computed = read("tests/recording_test.yml");
for (const name of all(read("rules/recording.yml"), /- record: (\S+)/g)) assert.ok(new RegExp(`${name}[^\\w]`).test(computed), `no test of ${name}`);

/** The anchor that a heading has on the page. */
const anchor = (heading) => heading.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-");
for (const block of alerts.split("- alert: ").slice(1)) {
  const name = block.split("\n")[0];
  const [, file, section] = /runbook: (\S+)#(\S+)/.exec(block) ?? [];
  assert.ok(file && existsSync(join(root, file)), `${name} has no runbook`);
  const sections = readFileSync(join(root, file), "utf8").split(/^## /m).slice(1);
  const own = sections.find((one) => anchor(one.split("\n")[0]) === section);
  assert.ok(own?.includes("**Means.**"), `the runbook of ${name} has no section ${section}`);
  assert.match(block, /severity: (page|ticket)\n/, `${name} has no severity`);
}

const route = (...labels) => run("amtool", "config", "routes", "test", "--config.file=alertmanager.yml", ...labels).trim();
assert.equal(route("severity=page", "wedding_day=yes"), "wedding-day");
assert.equal(route("severity=page", "wedding_day=no"), "desk-pager");
assert.equal(route("severity=page"), "desk-pager");
assert.equal(route("severity=ticket"), "desk-tickets");
assert.equal(route("severity=ticket", "wedding_day=yes"), "desk-tickets");
console.log(`${names.length} alerts`);
