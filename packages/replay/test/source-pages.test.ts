// Every format has a page that says how to export it and what can mislead, and the index leads to every page.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { allImporters } from "../src/importers/all-importers.js";

const docs = fileURLToPath(new URL("../../../docs", import.meta.url));
const names = readdirSync(`${docs}/sources`);
const pages = names.map((name) => readFileSync(`${docs}/sources/${name}`, "utf8"));
const index = readFileSync(`${docs}/evidence.md`, "utf8");

test.each(allImporters.map(({ format }) => format))(
  "%s has a page that names it, and stands in the index",
  (format) => {
    expect(pages.filter((page) => /^Formats? /m.test(page) && page.includes(`\`${format}\``))).not.toEqual([]);
    expect(index).toContain(`\`${format}\``);
  },
);

test.each(names)("%s says how to export, what is read and what can mislead, and the index leads there", (name) => {
  const page = readFileSync(`${docs}/sources/${name}`, "utf8");
  expect(page.match(/^#+ .*/gm)?.slice(1)).toEqual(["## Export", "## Read", "## What can mislead"]);
  expect(index).toContain(`(sources/${name})`);
});

test("no link between the pages leads nowhere", () => {
  const links = names.flatMap((_, at) => [...pages[at]!.matchAll(/\]\(([^)#:]+\.md)\)/g)].map(([, target]) => target!));
  const known = new Set([...names, ...readdirSync(docs).map((name) => `../${name}`)]);
  expect(links.filter((link) => !known.has(link))).toEqual([]);
});
