// A desk of its own for a test: started on an empty data directory and a free port, stopped, and cleaned away.
import {spawn, spawnSync} from "node:child_process";
import {appendFileSync, chmodSync, copyFileSync, createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync} from "node:fs";
import http from "node:http";
import net from "node:net";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {once} from "node:events";
import {setTimeout as delay} from "node:timers/promises";

// A machine that has much else to do is no error.
const startMax = 300_000;
const stopMax = 60_000;
const answerMax = 60_000;

/** The desk's environment: what is named so sets its settings, and the tests' own variables are none. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("USHER_")));

/** Where a run keeps what its tests send and what its desks log: tests/records looks through it at the end. */
const records = process.env.USHER_TEST_RECORDS;
const recordsKept = 20_000;
let recorded = 0;

function recordSent(body) {
  if (!records || typeof body !== "string" || !body.startsWith("{") || body.includes("\n") || ++recorded > recordsKept) return;
  mkdirSync(records, {recursive: true});
  appendFileSync(join(records, `${process.pid}.sent`), `${body}\n`);
}

export class Desk {
  /** A data directory that the database's own user can get into, too. */
  constructor() {
    this.home = mkdtempSync(join(tmpdir(), "usher-api-"));
    chmodSync(this.home, 0o755);
    this.data = join(this.home, "data");
    this.tokens = new Map();
  }

  /** Starts a server on the data, with these arguments more; resolves when it is ready. */
  async start(...more) {
    const given = ["--listen", "127.0.0.1:0", "--data", this.data];
    const limits = more.some((one) => one.startsWith("--rate-limit")) ? [] : ["--rate-limit-caller", "0", "--rate-limit-organization", "0"];
    this.child = spawn(process.env.USHER_BINARY, ["serve", ...given, ...limits, ...more], {stdio: ["ignore", "pipe", "pipe"], env: environment});
    this.child.stderr.pipe(createWriteStream(join(this.home, "log"), {flags: "a"}));
    this.gone = once(this.child, "exit");
    this.onExit ??= process.once("exit", () => this.child?.kill("SIGTERM"));
    this.url = new URL(await this.announced());
    this.agent = new http.Agent({keepAlive: true, maxSockets: 8});
    const until = Date.now() + startMax;
    while ((await this.send("GET", "/readyz")).status !== 200) {
      if (Date.now() > until) throw new Error(`the desk did not become ready\n${this.log()}`);
      await delay(20);
    }
  }

  announced() {
    return new Promise((resolve, reject) => {
      let text = "";
      const late = setTimeout(() => reject(new Error(`the desk did not tell its port\n${this.log()}`)), startMax);
      this.child.stdout.on("data", (chunk) => {
        text += chunk;
        const found = /^listening on (http:\S+)\n/m.exec(text);
        if (!found) return;
        clearTimeout(late);
        resolve(found[1]);
      });
      this.child.once("exit", () => reject(new Error(`the desk ended at once\n${this.log()}`)));
    });
  }

  /** Ends the server as an operator would; it has to come to a good end. */
  async stop() {
    this.agent.destroy();
    this.child.kill("SIGTERM");
    const late = setTimeout(() => this.child.kill("SIGKILL"), stopMax);
    const [code, signal] = await this.gone;
    clearTimeout(late);
    this.child = undefined;
    if (code !== 0) throw new Error(`the desk ended with ${code ?? signal}\n${this.log()}`);
  }

  /** Whatever became of the test: `failed` is its error, which counts more than how the desk ends after it. */
  async end(failed) {
    try {
      if (this.child) await this.stop();
    } catch (worse) {
      if (!failed) throw worse;
    }
    this.recordLog();
    rmSync(this.home, {recursive: true, force: true});
  }

  recordLog() {
    if (!records || !existsSync(join(this.home, "log"))) return;
    mkdirSync(records, {recursive: true});
    copyFileSync(join(this.home, "log"), join(records, `${this.home.split("/").at(-1)}.log`));
  }

  log() {
    return readFileSync(join(this.home, "log"), "utf8").slice(-4000);
  }

  token(role, sub = role, organization = "") {
    const name = `${role} ${sub} ${organization}`;
    if (!this.tokens.has(name)) {
      const more = organization ? ["--org", organization] : [];
      const made = spawnSync(process.env.USHER_BINARY, ["token", "--role", role, "--sub", sub, "--data", this.data, ...more], {env: environment});
      if (made.status !== 0) throw new Error(`usher token: ${made.stderr}`);
      this.tokens.set(name, made.stdout.toString().trim());
    }
    return this.tokens.get(name);
  }

  /** One request; the answer is {status, headers, bytes, text}. A header whose value is a list is sent as often. */
  send(method, path, {headers = {}, body, announce} = {}) {
    recordSent(body);
    return new Promise((resolve, reject) => {
      const length = announce ?? (body === undefined ? undefined : Buffer.byteLength(body));
      const all = {...headers, ...(length === undefined ? {} : {"Content-Length": length})};
      const ask = http.request({host: this.url.hostname, port: this.url.port, method, path, headers: all, agent: this.agent, timeout: answerMax});
      ask.on("timeout", () => ask.destroy(new Error(`no answer to ${method} ${path}`)));
      ask.on("error", (why) => reject(new Error(`no answer to ${method} ${path}: ${why.message}`)));
      ask.on("response", (answer) => {
        const chunks = [];
        answer.on("data", (chunk) => {
          chunks.push(chunk);
          // A stream of events has no end: its beginning is the answer.
          if (!answer.headers["content-type"]?.startsWith("text/event-stream")) return;
          ask.destroy();
          const bytes = Buffer.concat(chunks);
          resolve({status: answer.statusCode, headers: answer.headers, bytes, text: bytes.toString()});
        });
        answer.on("error", (why) => reject(new Error(`half an answer to ${method} ${path}: ${why.message}`)));
        answer.on("end", () => {
          const bytes = Buffer.concat(chunks);
          resolve({status: answer.statusCode, headers: answer.headers, bytes, text: bytes.toString()});
        });
      });
      announce === undefined ? ask.end(body) : ask.flushHeaders();
    });
  }

  /** Sends bytes as they are, and reads until the desk closes the connection. */
  async sendRaw(bytes) {
    const socket = net.connect(Number(this.url.port), this.url.hostname);
    socket.setTimeout(answerMax, () => socket.destroy(new Error("no answer")));
    socket.write(bytes);
    const chunks = [];
    for await (const chunk of socket) chunks.push(chunk);
    const [head, ...rest] = Buffer.concat(chunks).toString().split("\r\n\r\n");
    const [line, ...fields] = head.split("\r\n");
    const headers = Object.fromEntries(fields.map((field) => [field.slice(0, field.indexOf(":")).toLowerCase(), field.slice(field.indexOf(":") + 2)]));
    return {status: Number(line.split(" ")[1]), headers, text: rest.join("\r\n\r\n")};
  }
}
