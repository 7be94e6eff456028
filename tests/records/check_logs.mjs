// Nothing personal that a test of this run has sent may be in the log of any of its desks. node check_logs.mjs DIRECTORY
import {existsSync, readdirSync, readFileSync} from "node:fs";
import {join} from "node:path";

const directory = process.argv[2];

/** Members that hold what people write or what tells who they are; of custom fields everything does. */
const personal = new Set(["subject", "body", "venue", "name", "email", "phone", "comment", "phrase", "password"]);
/** Shorter ones are words that a log has reasons of its own to say. */
const lengthMin = 8;

function* stringsOf(value, counts) {
  if (typeof value === "string") {
    if (counts && value.trim().length >= lengthMin) yield value.trim();
  } else if (value && typeof value === "object") {
    for (const [name, member] of Object.entries(value)) yield* stringsOf(member, counts || name === "custom_fields" || (!Array.isArray(value) && personal.has(name)));
  }
}

const read = (ending) => (existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith(ending)) : [])
  .map((name) => ({name, lines: readFileSync(join(directory, name), "utf8").split("\n").filter(Boolean)}));

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const sent = new Set(read(".sent").flatMap(({lines}) => lines.flatMap((line) => [...stringsOf(parsed(line), false)])));

/** A log says the same things over and over: each is looked through once. */
const said = new Map();
for (const {name, lines} of read(".log")) for (const line of lines) {
  const entry = parsed(line);
  const texts = entry && typeof entry === "object" ? Object.entries(entry).filter(([key]) => key !== "at" && key !== "time").map(([, value]) => String(value)) : [line];
  for (const text of texts) said.set(text, name);
}
const haystack = [...said.keys()].join("\n");
const found = [...sent].filter((text) => haystack.includes(text));

console.log(`${sent.size} texts that were sent, ${said.size} that were logged`);
for (const text of found.slice(0, 20)) {
  const [where] = [...said].find(([logged]) => logged.includes(text)) ?? [];
  console.error(`logged: ${JSON.stringify(text)} in ${JSON.stringify(where?.slice(0, 300))}`);
}
process.exit(found.length === 0 ? 0 : 1);
