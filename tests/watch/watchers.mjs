// Debian's Prometheus and Alertmanager, with the configuration that Usher ships: in a folder and on ports of their own,
// quickened so that a test need not wait for minutes.
import {spawn} from "node:child_process";
import {createWriteStream, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {createServer} from "node:http";
import {createServer as createSocket} from "node:net";
import {once} from "node:events";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {fileURLToPath} from "node:url";
import {setTimeout as delay} from "node:timers/promises";

const shipped = fileURLToPath(new URL("../../metrics/prometheus/", import.meta.url));
const startMax = 120_000;
const tries = 5;

/** Asks until the answer is one, at most so long; fails with what it came to at last. */
export async function eventually(what, ask, limit = 120_000) {
  const until = Date.now() + limit;
  let last;
  for (;;) {
    try {
      last = await ask();
      if (last) return last;
    } catch (problem) {
      last = problem;
    }
    if (Date.now() > until) throw new Error(`${what}: not within ${limit / 1000} s; at last: ${last?.stack ?? JSON.stringify(last)}`);
    await delay(100);
  }
}

/** A port that nobody has now. */
async function freePort() {
  const socket = createSocket().listen(0, "127.0.0.1");
  await once(socket, "listening");
  const {port} = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

export async function getJson(url) {
  const answer = await fetch(url, {signal: AbortSignal.timeout(30_000)});
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** A program with a web port of its own: another one gets it at times between our look and its start. */
class Server {
  async start(home, name, program, argumentsFor) {
    for (let i = 1; ; ++i) {
      this.port = await freePort();
      this.url = `http://127.0.0.1:${this.port}`;
      this.child = spawn(program, argumentsFor(this.port), {stdio: ["ignore", "pipe", "pipe"], cwd: home});
      this.gone = once(this.child, "exit");
      const log = createWriteStream(join(home, `${name}.log`), {flags: "a"});
      this.child.stdout.pipe(log);
      this.child.stderr.pipe(log);
      if (await this.ready()) return;
      if (i === tries) throw new Error(`${name} did not start\n${readFileSync(join(home, `${name}.log`), "utf8").slice(-3000)}`);
      await this.stop();
    }
  }

  async ready() {
    const until = Date.now() + startMax;
    while (Date.now() < until && this.child.exitCode === null) {
      const answer = await fetch(`${this.url}/-/ready`).catch(() => undefined);
      if (answer?.ok) return true;
      await delay(50);
    }
    return false;
  }

  async stop() {
    this.child.kill("SIGKILL");
    await this.gone;
  }
}

/** Takes what Alertmanager sends, by path: the names of the alerts that fire, with their labels. */
class Receiver {
  async start() {
    this.told = [];
    this.server = createServer((request, answer) => {
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        for (const alert of JSON.parse(Buffer.concat(chunks)).alerts) this.told.push({path: request.url, status: alert.status, ...alert.labels});
        answer.end();
      });
    }).listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }

  stop() {
    this.server.close();
    this.server.closeAllConnections();
  }
}

export class Watchers {
  /** `desk` is the address of a running desk. */
  async start(desk, {alerting = true} = {}) {
    this.home = mkdtempSync(join(tmpdir(), "usher-watch-"));
    this.onExit = () => this.killAll();
    process.once("exit", this.onExit);
    if (alerting) {
      this.receiver = new Receiver();
      await this.receiver.start();
      await this.startAlertmanager();
    }
    await this.startPrometheus(desk);
  }

  async startAlertmanager() {
    const text = readFileSync(join(shipped, "alertmanager.yml"), "utf8")
      .replaceAll("http://127.0.0.1:9094", this.receiver.url)
      .replace(/group_wait: .*/g, "group_wait: 0s")
      .replace(/group_interval: .*/g, "group_interval: 1s");
    writeFileSync(join(this.home, "alertmanager.yml"), text);
    this.alertmanager = new Server();
    await this.alertmanager.start(this.home, "alertmanager", "prometheus-alertmanager", (port) => [
      "--config.file=alertmanager.yml",
      "--storage.path=alertmanager",
      "--cluster.listen-address=",
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
  }

  async startPrometheus(desk) {
    mkdirSync(join(this.home, "rules"));
    for (const file of readdirSync(join(shipped, "rules"))) {
      const text = readFileSync(join(shipped, "rules", file), "utf8");
      writeFileSync(join(this.home, "rules", file), text.replace(/^( +for): .*/gm, "$1: 1s"));
    }
    const text = readFileSync(join(shipped, "prometheus.yml"), "utf8")
      .replace("127.0.0.1:9093", `127.0.0.1:${this.alertmanager?.port ?? 9}`)
      .replace("127.0.0.1:8080", new URL(desk).host)
      .replace(/_interval: .*/g, "_interval: 1s");
    writeFileSync(join(this.home, "prometheus.yml"), text);
    this.prometheus = new Server();
    await this.prometheus.start(this.home, "prometheus", "prometheus", (port) => [
      "--config.file=prometheus.yml",
      "--storage.tsdb.path=prometheus",
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
  }

  /** The samples of an expression, now: [{labels, value}]. A syntax error is an error. */
  async query(expression) {
    const {data} = await getJson(`${this.prometheus.url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    if (data.resultType === "scalar") return [{labels: {}, value: Number(data.result[1])}];
    return data.result.map(({metric, value}) => ({labels: metric, value: Number(value[1])}));
  }

  /** The alerts of this name that fire. */
  async firing(name) {
    const {data} = await getJson(`${this.prometheus.url}/api/v1/alerts`);
    return data.alerts.filter((one) => one.labels.alertname === name && one.state === "firing").map((one) => one.labels);
  }

  killAll() {
    for (const one of [this.prometheus, this.alertmanager]) one?.child?.kill("SIGKILL");
    rmSync(this.home, {recursive: true, force: true, maxRetries: 5});
  }

  async stop() {
    process.removeListener("exit", this.onExit);
    await this.prometheus?.stop();
    await this.alertmanager?.stop();
    this.receiver?.stop();
    rmSync(this.home, {recursive: true, force: true, maxRetries: 5});
  }
}
