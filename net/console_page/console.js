// The console: signs staff in, and shows what the desk has to see to. What comes from outside is set as text, never as
// markup.
"use strict";

const api = "/api/support";
/** How many rows a list has at most; more is counted, not shown. */
const shown = 25;
/** Many events in a row make one look. */
const lookAfterMs = 1_000;
const lookAtMostEveryMs = 3_000;
/** Events may have been missed without anybody noticing. */
const lookAnywayMs = 60_000;
const eventTypes = [
  "ticket.created", "ticket.updated", "ticket.deleted", "ticket.restored", "message.created", "clock.breached",
  "escalation.fired", "escalation.repeated", "escalation.acknowledged", "alert.raised", "alert.acknowledged",
];

const at = (id) => document.getElementById(id);
let session = null; // {user, role, csrf_token, organization_id}
let stream = null;
let waiting = 0; // the timer of the next look
let lastLook = 0;
let looks = 0; // an answer that comes late is not shown over a later one
let countdown = 0;

class Refused extends Error {
  constructor(status, problem, retryAfter) {
    super(problem?.detail ?? "The desk could not be reached.");
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** One request; the answer's JSON. Whoever is not signed in any more gets to the door. */
async function ask(method, path, body) {
  const headers = {Accept: "application/json"};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && session) headers["X-CSRF-Token"] = session.csrf_token;
  let answer;
  try {
    answer = await fetch(api + path, {method, headers, body: body && JSON.stringify(body), cache: "no-store"});
  } catch {
    throw new Refused(0);
  }
  const text = await answer.text();
  let json = null;
  try {
    json = text ? JSON.parse(text) : null;
  } catch {
    // Something in between has answered.
  }
  if (answer.ok) return json;
  const refused = new Refused(answer.status, json, Number(answer.headers.get("Retry-After")) || 0);
  if (answer.status === 401 && session) close("Your session has ended. Please sign in again.");
  throw refused;
}

function say(text) {
  at("said").textContent = text;
}

// -- the door ---------------------------------------------------------------------------------------------------------

function showWrong(text, kind = "wrong") {
  at("wrong").className = kind;
  at("wrong").textContent = text;
  at("wrong").hidden = !text;
}

/** Counts down on the button until another password is looked at. */
function wait(seconds) {
  clearInterval(countdown);
  const end = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    at("enter").disabled = left > 0;
    at("enter").textContent = left > 0 ? `Wait ${inWords(left)}` : "Sign in";
    if (left > 0) return;
    clearInterval(countdown);
    showWrong("");
  };
  countdown = setInterval(tick, 500);
  tick();
}

function inWords(seconds) {
  if (seconds < 60) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}

function offer(organizations) {
  const named = organizations.map(({id, name}) => {
    const option = document.createElement("option");
    option.value = id;
    option.textContent = name ?? id;
    return option;
  });
  at("organization").replaceChildren(...named);
  at("choice").hidden = false;
  at("organization").focus();
}

function forgetChoice() {
  at("choice").hidden = true;
  at("organization").replaceChildren();
}

function showRefusal(why) {
  if (why.problem?.organizations) {
    showWrong("You work for several organizations: choose the one that this session is for.", "notice");
    return offer(why.problem.organizations);
  }
  if (why.status === 429) {
    const seconds = why.retryAfter || 1;
    showWrong(`Too many attempts. Please wait ${inWords(seconds)} before you try again.`);
    return wait(seconds);
  }
  if (why.status === 401) showWrong("There is no such user, or this is not the password.");
  else if (why.status === 503) showWrong("The desk can't sign anybody in right now. Please try again in a moment.");
  else showWrong(why.message);
  if (why.status === 401 || why.status === 422) {
    at("password").value = "";
    at("password").focus();
  }
}

async function signIn(event) {
  event.preventDefault();
  const body = {user: at("user").value.trim(), password: at("password").value};
  if (!at("choice").hidden) body.organization_id = at("organization").value;
  at("enter").disabled = true;
  showWrong("");
  say("");
  try {
    const made = await ask("POST", "/session", body);
    at("enter").disabled = false;
    at("sign-in").reset();
    await open(made);
  } catch (why) {
    at("enter").disabled = false;
    showRefusal(why);
  }
}

/** Nothing of the desk stays on the page. */
function close(why) {
  session = null;
  stream?.close();
  stream = null;
  clearTimeout(waiting);
  waiting = 0;
  for (const id of ["emergencies", "due", "alerts"]) fill(id, [], false);
  at("freeze").textContent = at("who").textContent = "";
  at("me").hidden = at("desk").hidden = true;
  forgetChoice();
  showWrong("");
  at("door").hidden = false;
  say(why);
  (at("user").value ? at("password") : at("user")).focus();
}

async function signOut() {
  at("out").disabled = true;
  try {
    await ask("DELETE", "/session");
    close("You are signed out.");
  } catch (why) {
    if (session) say(`You are still signed in: ${why.message}`);
  } finally {
    at("out").disabled = false;
  }
}

// -- the desk ---------------------------------------------------------------------------------------------------------

function element(name, text, kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

const spans = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
const relative = new Intl.RelativeTimeFormat("en", {numeric: "auto"});

function fromNow(instant) {
  const seconds = Math.round((new Date(instant) - Date.now()) / 1000);
  const [unit, size] = spans.find(([, each]) => Math.abs(seconds) >= each) ?? spans.at(-1);
  return relative.format(Math.trunc(seconds / size), unit);
}

function timeOf(instant) {
  const made = element("time", fromNow(instant));
  made.dateTime = instant;
  made.title = new Date(instant).toLocaleString("en-GB");
  return made;
}

function cell(kind, ...parts) {
  const made = document.createElement("td");
  made.className = kind;
  made.append(...parts);
  return made;
}

function rowOf(ticket) {
  const row = document.createElement("tr");
  const due = ticket.due_at ? timeOf(ticket.due_at) : "not running";
  const late = ticket.due_at && new Date(ticket.due_at) < new Date();
  row.append(
    cell("number", `#${ticket.number}`),
    cell("subject", ticket.subject),
    cell("", element("span", ticket.priority, `word ${ticket.priority}`)),
    cell("", ticket.status.replaceAll("_", " ")),
    cell("", ticket.assignee_id ?? "nobody"),
    cell(late ? "due late" : "due", due),
  );
  return row;
}

/** The clock of a ticket that runs out first: `due_at` stands with the clocks, not with the ticket. */
function withDue(ticket) {
  const running = ticket.sla.map((clock) => clock.due_at).filter(Boolean).sort();
  return {...ticket, due_at: running[0] ?? null};
}

/** `numbers` are those of the tickets that are shown, by id. */
function alertOf(alert, numbers) {
  const about = numbers.has(alert.ticket_id) ? `#${numbers.get(alert.ticket_id)}: ${alert.detail}` : alert.detail;
  const item = document.createElement("li");
  const button = element("button", "Acknowledge", "quiet");
  button.type = "button";
  button.setAttribute("aria-label", `Acknowledge: ${about}`);
  button.addEventListener("click", () => acknowledge(alert, button));
  item.append(element("span", alert.level, `word ${alert.level}`), element("span", about, "detail"), timeOf(alert.at), button);
  return item;
}

/** Puts rows into a list; a list that has none says so in words. */
function fill(id, rows, more) {
  at(id).replaceChildren(...rows);
  const table = at(id).closest("table");
  if (table) table.hidden = rows.length === 0;
  at(`${id}-none`).hidden = rows.length > 0;
  at(`${id}-count`).textContent = rows.length ? `${rows.length}${more ? "+" : ""}` : "";
}

async function acknowledge(alert, button) {
  button.disabled = true;
  try {
    await ask("POST", `/alerts/${encodeURIComponent(alert.id)}/acknowledge`);
    say("The alert is acknowledged.");
  } catch (why) {
    if (!session) return;
    say(why.status === 409 ? "Somebody has acknowledged this alert already." : why.message);
    button.disabled = false;
  }
  await look();
  at("alerts-title").focus();
}

function showFreeze({frozen, reason, until}) {
  at("freeze").hidden = !frozen;
  at("freeze").textContent = frozen ? `A wedding day's freeze holds until ${new Date(until).toLocaleString("en-GB", {dateStyle: "full", timeStyle: "short"})}: ${reason}` : "";
}

/** Everything anew. What fails leaves the page as it is, and says so. */
async function look() {
  clearTimeout(waiting);
  waiting = 0;
  lastLook = Date.now();
  const number = ++looks;
  const mine = session;
  const open = "status=open,pending,on_hold";
  try {
    const [freeze, urgent, due, alerts] = await Promise.all([
      ask("GET", "/freeze"),
      ask("GET", `/tickets?${open}&urgency=emergency&sort=due_at&limit=${shown}`),
      ask("GET", `/tickets?${open}&sort=due_at&limit=${shown}`),
      ask("GET", `/alerts?acknowledged=false&limit=${shown}`),
    ]);
    if (session !== mine || !session || number !== looks) return;
    showFreeze(freeze);
    fill("emergencies", urgent.data.map(withDue).map(rowOf), urgent.has_more);
    fill("due", due.data.map(withDue).map(rowOf), due.has_more);
    const numbers = new Map([...urgent.data, ...due.data].map(({id, number}) => [id, number]));
    fill("alerts", alerts.data.map((alert) => alertOf(alert, numbers)), alerts.has_more);
  } catch (why) {
    if (session === mine && session) say(`The desk was not read: ${why.message}`);
  }
}

function lookSoon() {
  if (waiting || !session) return;
  const rest = Math.max(lookAfterMs, lastLook + lookAtMostEveryMs - Date.now());
  waiting = setTimeout(look, rest);
}

function setLive(on) {
  at("live").textContent = on ? "live" : "not live";
  at("live").classList.toggle("on", on);
}

function follow() {
  stream?.close();
  stream = new EventSource(`${api}/events`);
  const mine = stream;
  mine.onopen = () => setLive(true);
  mine.onerror = () => {
    setLive(false);
    // A browser gives up when it is refused: is it the session that has ended?
    if (mine.readyState === EventSource.CLOSED && stream === mine) setTimeout(() => session && stream === mine && follow(), lookAnywayMs / 4);
    lookSoon();
  };
  mine.addEventListener("end", lookSoon);
  for (const type of eventTypes) mine.addEventListener(type, lookSoon);
}

async function open(made) {
  session = made;
  at("door").hidden = true;
  at("me").hidden = at("desk").hidden = false;
  at("who").textContent = `${made.user}, ${made.role}`;
  forgetChoice();
  say("");
  setLive(false);
  at("desk-title").focus();
  follow();
  if (made.organization_id) nameOrganization(made);
  await look();
}

async function nameOrganization(mine) {
  const found = await ask("GET", `/organizations/${mine.organization_id}`).catch(() => null);
  if (session === mine && found) at("who").textContent = `${mine.user}, ${mine.role}, for ${found.name}`;
}

function keepTime() {
  for (const each of document.querySelectorAll("#desk time")) {
    each.textContent = fromNow(each.dateTime);
    if (new Date(each.dateTime) < new Date()) each.closest("td.due")?.classList.add("late");
  }
  if (session && Date.now() - lastLook > lookAnywayMs) lookSoon();
}

async function begin() {
  at("sign-in").addEventListener("submit", signIn);
  at("user").addEventListener("input", forgetChoice);
  at("out").addEventListener("click", signOut);
  setInterval(keepTime, 10_000);
  try {
    await open(await ask("GET", "/session"));
  } catch (why) {
    close(why.status === 401 ? "" : why.message);
  }
}

begin();
