// The yardstick of importers, for a process of its own: the whole file read, then parsed or cut into lines, and no more.
// `json`: one document; `json-lines`: a document a line; `lines`: lines alone.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const [, , shape, path] = process.argv;
const bytes = readFileSync(path);
const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1");
const shapes = {
  json: () => JSON.parse(text).records?.length,
  "json-lines": () =>
    text.split("\n").reduce((count, line) => (line === "" ? count : count + Object.keys(JSON.parse(line)).length), 0),
  lines: () => text.split("\n").length,
};
shapes[shape]();
