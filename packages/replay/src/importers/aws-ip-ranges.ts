// Amazon's published address ranges: `ip-ranges.json` (DOMAIN 6). One list for each service and region, named
// `AWS:EC2:eu-central-1`, dated by the file itself.

import { groupBy, type Micros, parseInstant, parsePrefix } from "@conntrail/engine";
import { type EvidenceRecord, eventOf, type JsonFormat, problemOf, readJsonEvidence } from "./evidence-record.js";
import type { Imported, Importer } from "./importer.js";
import { asObject, asText, field, hiddenObjects, type JsonObject, objectsOf } from "./json-field.js";
import { jsonHead } from "./json-head.js";

export const awsIpRanges: Importer = {
  format: "aws-ip-ranges",
  title: "AWS address ranges (ip-ranges.json)",
  recognise(head) {
    const ranges = jsonHead(head).map(asObject).flatMap(entriesOf);
    return ranges.some((range) => field(range, "ip_prefix", "ipv6_prefix") !== undefined) ? 0.95 : 0;
  },
  read: (evidence, context) => readJsonEvidence(evidence, context, rangesFormat),
};

function entriesOf(document: JsonObject | null): JsonObject[] {
  return listNames.flatMap((name) => objectsOf(field(document, name)));
}

const listNames = ["prefixes", "ipv6_prefixes"] as const;

const rangesFormat: JsonFormat = { unfold: (value) => [value], read: readRanges, finish: () => [] };

type Range = { readonly list: string; readonly prefix: string };

function* readRanges(record: EvidenceRecord): Iterable<Imported> {
  const published = creationTime(record.value);
  if (published === null) yield problemOf(record, "malformed", "`createDate` is no time such as `2026-03-18-12-00-00`");
  const listed = listNames.map((name) => field(record.value, name));
  const entries = entriesOf(record.value);
  const ranges = entries.map(rangeOf).filter((range) => range !== null);
  const left = entries.length - ranges.length + listed.reduce<number>((sum, list) => sum + hiddenObjects(list), 0);
  if (left > 0) {
    yield problemOf(record, "missing-field", `${left} ranges without service, region or prefix are left out`);
  }
  const edition = asText(field(record.value, "syncToken"));
  const instant = published === null ? record.context.taken.instant : "stated";
  for (const [list, own] of groupBy(ranges, (range) => range.list)) {
    const data = { list, prefixes: [...new Set(own.map(({ prefix }) => prefix))].sort(), edition, instant } as const;
    const time = published ?? record.context.taken.time;
    yield eventOf(record, { type: "address-list-seen", data }, { time, actor: null });
  }
}

/** `2026-03-18-12-00-00`, in UTC. */
function creationTime(document: JsonObject): Micros | null {
  const text = asText(field(document, "createDate")) ?? "";
  const match = /^(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)$/.exec(text);
  return match === null ? null : (parseInstant(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`)?.time ?? null);
}

function rangeOf(entry: JsonObject): Range | null {
  const prefix = asText(field(entry, "ip_prefix", "ipv6_prefix"));
  const service = asText(field(entry, "service"));
  const region = asText(field(entry, "region"));
  if (prefix === null || parsePrefix(prefix) === null || service === null || region === null) return null;
  return { list: `AWS:${service}:${region}`, prefix };
}
