// Which field of a VPC flow log stands where in a line: the default order, or that of a header or of the user's format
// (DOMAIN 4.6). Fields that nobody has documented are kept by the name that they have.

import { defaultFieldCount, documentedFields } from "./aws-flow-order.js";
import type { FieldSeparator, LineFields } from "./line-fields.js";

/** Fields that a report is made of; those of the others that a line has are its detail. */
const reportFields = [
  "interface-id",
  "srcaddr",
  "dstaddr",
  "srcport",
  "dstport",
  "protocol",
  "packets",
  "bytes",
  "start",
  "end",
  "action",
  "log-status",
  "tcp-flags",
  "flow-direction",
] as const;

type ReportField = (typeof reportFields)[number];

/** What a line is of where it has no interface: of a regional NAT gateway `interface-id` is `-`. */
const resourceFields = ["resource-id", "instance-id", "subnet-id", "vpc-id"] as const;

/** Athena writes `log_status`, CloudWatch Logs Insights `logStatus`, and `startTime`, `endTime`. */
const namesByLetters: ReadonlyMap<string, string> = new Map([
  ...documentedFields.map((name) => [lettersOf(name), name] as const),
  ["starttime", "start"],
  ["endtime", "end"],
]);

/** What the documentation of Athena called the columns before; other logs call theirs so too. */
const olderNames: ReadonlyMap<string, string> = new Map([
  ["account", "account-id"],
  ["sourceaddress", "srcaddr"],
  ["destinationaddress", "dstaddr"],
  ["sourceport", "srcport"],
  ["destinationport", "dstport"],
  ["numpackets", "packets"],
  ["numbytes", "bytes"],
]);

/** Names that other logs have too prove nothing. */
const tellingFields = new Set(["interface-id", "srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr", "log-status"]);

/** Where each stands in a line; -1: nowhere. */
export type FieldPlaces = Readonly<Record<ReportField, number>>;

/** `address`: where the tuple's address stands, if this is the one that the packets had. */
export type DetailField = { readonly place: number; readonly name: string; readonly address: number };

/** Details that stand side by side, so that one look finds what they say; one with an address is alone. */
export type DetailRun = { readonly first: number; readonly last: number; readonly address: number };

export type FlowLogFormat = {
  readonly names: readonly string[];
  readonly separator: FieldSeparator;
  readonly at: FieldPlaces;
  readonly resources: readonly number[];
  readonly details: readonly DetailField[];
  readonly detailRuns: readonly DetailRun[];
  /** Without these there is no report. */
  readonly missing: readonly string[];
  /** Fields that stand for those which the format lacks: `pkt-srcaddr` for `srcaddr`. */
  readonly substitutes: readonly string[];
};

export function flowLogFormat(written: readonly string[], separator: FieldSeparator = "blank"): FlowLogFormat {
  const names = documentedNames(written);
  const substitutes = ["srcaddr", "dstaddr"].filter((name) => !names.includes(name) && names.includes(`pkt-${name}`));
  const placeOf = (name: string) => names.indexOf(substitutes.includes(name) ? `pkt-${name}` : name);
  const at = Object.fromEntries(reportFields.map((name) => [name, placeOf(name)])) as FieldPlaces;
  const read = new Set<string>(reportFields);
  const details = names.flatMap((name, place) =>
    read.has(name) ? [] : [{ place, name, address: addressOf(name, at) }],
  );
  return {
    names,
    separator,
    at,
    resources: resourceFields.map(placeOf).filter((place) => place >= 0),
    details,
    detailRuns: runsOf(details),
    missing: neededFields.filter((name) => at[name] < 0),
    substitutes,
  };
}

function runsOf(details: readonly DetailField[]): DetailRun[] {
  const runs: DetailRun[] = [];
  for (const { place, address } of details) {
    const last = runs.at(-1);
    const goesOn = last?.last === place - 1 && last.address < 0 && address < 0;
    if (goesOn) runs[runs.length - 1] = { ...last, last: place };
    else runs.push({ first: place, last: place, address });
  }
  return runs;
}

function addressOf(name: string, at: FieldPlaces): number {
  if (name === "pkt-srcaddr") return at.srcaddr;
  return name === "pkt-dstaddr" ? at.dstaddr : -1;
}

const neededFields = ["srcaddr", "dstaddr", "srcport", "dstport", "protocol", "start", "end"] as const;

/** Names that nobody has documented stay as they are. */
function documentedNames(written: readonly string[]): string[] {
  const letters = written.map(lettersOf);
  const older = letters.includes("interfaceid") ? olderNames : null;
  return letters.map((name, index) => namesByLetters.get(name) ?? older?.get(name) ?? written[index]!);
}

/** Also of `${account-id}`, as flow logs are made with. */
function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[-_${}]/g, "");
}

export const defaultFormat = flowLogFormat(documentedFields.slice(0, defaultFieldCount));

/** The format that a header line names; null where the line is none. */
export function formatOfHeader(fields: LineFields, separator: FieldSeparator): FlowLogFormat | null {
  if (fields.count > maxHeaderFields || !isName(fields, 0)) return null;
  const written = Array.from({ length: fields.count }, (_, index) => fields.text(index));
  if (written.some((name) => foreignNames.test(name))) return null;
  const known = documentedNames(written).filter((name) => documentedFields.includes(name));
  const isTelling = known.some((name) => tellingFields.has(name)) && known.length * 2 > written.length;
  return isTelling && known.length >= minKnownFields ? flowLogFormat(written, separator) : null;
}

/** Of transit gateways, and of Alibaba Cloud. */
const foreignNames = /^(?:tgw[-_]|vswitch[-_]id$|vm[-_]id$)/;
const minKnownFields = 3;
const maxHeaderFields = 256;

/** No name begins as values do, with a digit or a capital letter, and few values have letters alone. */
function isName({ bytes, from, to }: LineFields, index: number): boolean {
  for (let at = from[index]!; at < to[index]!; at++) if (!isNameByte(bytes[at]!)) return false;
  return bytes[from[index]!]! >= 0x61 || bytes[from[index]!] === dollar;
}

/** Small and capital letters, `-` and `_`, and what stands around names in `${version}`. */
function isNameByte(byte: number): boolean {
  return nameBytes.has(byte);
}

const dollar = 0x24;
const nameBytes: ReadonlySet<number> = new Set([
  ...Buffer.from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_{}"),
  dollar,
]);
