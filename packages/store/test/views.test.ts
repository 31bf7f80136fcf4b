// The views' tables: counts that add up over segments, and views of another version.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openViews, queryAll, tableFullRows, type Views, viewsDigest } from "../src/index.js";

let directory: string;
let views: Views;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "conntrail-test-"));
  views = openViews(join(directory, "views.db"));
});
afterEach(() => {
  views.close();
  rmSync(directory, { recursive: true, force: true });
});

const full = {
  place: "capture",
  interface: "nic-1",
  interface_name: "nic-1",
  first: 10,
  last: 20,
  packets: 3,
  flows: 2,
};

function insert(row: object): void {
  const columns = Object.keys(row);
  const names = columns.map((name) => `"${name}"`).join(", ");
  const values = columns.map((name) => `@${name}`).join(", ");
  views.database.prepare(`insert into table_full_row (${names}) values (${values})`).run(row);
}

describe("counts of the fold", () => {
  it("add up over segments: the first, the last, and the sum", () => {
    insert({ segment: 0, ...full });
    insert({ segment: 7, ...full, first: 5, last: 15, packets: 30, flows: 20 });
    insert({ segment: 7, ...full, interface: "", interface_name: "" });
    expect(tableFullRows(views)).toEqual([
      { ...full, first: 5, last: 20, packets: 33, flows: 22 },
      { ...full, interface: null, interface_name: null },
    ]);
  });

  it("have the same digest in one segment as in several", () => {
    insert({ segment: 0, ...full });
    insert({ segment: 1, ...full, first: 30, last: 40 });
    const parted = viewsDigest(views);
    views.database.exec("delete from table_full_row");
    const empty = viewsDigest(views);
    insert({ segment: 0, ...full, last: 40, packets: 6, flows: 4 });
    expect(viewsDigest(views)).toBe(parted);
    expect(parted).not.toBe(empty);
  });
});

/** What was a table before it became a view. */
const reported = ["reported_flow", "reported_denied", "sensor_hour", "check_tally", "disagreement"];

it.each([
  [3, ["denied", ...reported]],
  [8, reported],
])("views of version %i, in which some were tables, are made anew", (version, names) => {
  const tables = names.map((name) => `drop view ${name}; create table ${name} (anything text);`);
  views.database.exec(`${tables.join(" ")} pragma user_version = ${version}`);
  views.close();
  views = openViews(join(directory, "views.db"));
  for (const name of names as "denied"[]) {
    expect(queryAll(views, views.kysely.selectFrom(name).selectAll())).toEqual([]);
  }
});

it("counts of reports that were handed over in parts are one, with what the first of them tells", () => {
  views.database.exec(`
    insert into reported_text values (1, 'sensor'), (2, 'rule'), (3, '');
    insert into disagreement_row values
      (1, 2, 0, 'allow', 'deny', '', 3, 'proven', 'unexplained', '10.0.0.1', '10.0.0.2', 443, 6, 50, 90, 2, 'later'),
      (1, 2, 0, 'allow', 'deny', '', 3, 'proven', 'unexplained', '10.0.0.1', '10.0.0.2', 443, 6, 7, 40, 3, 'first')`);
  expect(queryAll(views, views.kysely.selectFrom("disagreement").selectAll())).toMatchObject([
    { sensor: "sensor", rule: "rule", derived_rule: "", first: 7, last: 90, reports: 5, clue: "first" },
  ]);
});
