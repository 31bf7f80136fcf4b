import { expect, test } from "vitest";
import { allImporters } from "../../src/importers/all-importers.js";
import { parseFormat } from "../../src/importers/format-choice.js";

test.each(allImporters)("$format can be named", (importer) => {
  expect(parseFormat(` ${importer.format} `)).toEqual({ importer, fields: null });
});

test.each(["", "zeek", "PCAP", "version"])("`%s` is no format", (text) => {
  expect(parseFormat(text)).toBeNull();
});
