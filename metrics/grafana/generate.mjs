// Writes the dashboards, or compares them with what is there:
//
//   node generate.mjs FOLDER [--check]
import {readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";

import desk from "./desk.mjs";
import engineRoom from "./engine_room.mjs";
import sla from "./sla.mjs";
import weddingSaturday from "./wedding_saturday.mjs";

const [folder, mode] = process.argv.slice(2);
const boards = {"sla.json": sla, "wedding-saturday.json": weddingSaturday, "desk.json": desk, "engine-room.json": engineRoom};
let stale = 0;
for (const [file, board] of Object.entries(boards)) {
  const text = `${JSON.stringify(board, null, 2)}\n`;
  const path = join(folder, file);
  if (mode !== "--check") writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    console.error(`${path} is not what generate.mjs makes: run script/dashboards`);
    stale = 1;
  }
}
process.exit(stale);
