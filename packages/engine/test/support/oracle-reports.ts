// The fold of reports once more, the slow and plain way: one object a report, keys of text, rules tried one by one.
// Written from DOMAIN 4.1, 4.6 and docs/check.md; it shares no code with the fold.

import type { ReportedFlow } from "../../src/index.js";
import type { ReportWorld, WorldRule } from "./report-world.js";

/** Sorted lines of text. */
export type OracleReports = {
  readonly records: readonly string[];
  readonly denials: readonly string[];
  readonly hours: readonly string[];
  readonly tallies: readonly string[];
  readonly disagreements: readonly string[];
};

type Seen = {
  readonly report: ReportedFlow;
  readonly ends: readonly [string, string];
  /** From the low end to the high one, or back. */
  readonly way: 0 | 1;
  readonly key: string;
  readonly subject: readonly (number | string)[];
  readonly says: readonly (number | string)[];
};

type Open = { readonly seen: Seen[]; readonly earlier: Open | null; lastSeen: number; endedAt: number | null };

const minute = 60_000_000;
const hour = 60 * minute;
const kinds = ["opened", "continued", "ended", "denied", "window", "connection", "no-data", "skipped"];

export function askReportOracle(world: ReportWorld, reports: readonly ReportedFlow[]): OracleReports {
  return new ReportOracle(world).answer(reports);
}

class ReportOracle {
  readonly #live = new Map<string, Open>();
  readonly #records: string[] = [];
  readonly #rows = { denials: new Rows(), hours: new Rows(), tallies: new Rows(), disagreements: new Rows() };

  constructor(private readonly world: ReportWorld) {}

  answer(reports: readonly ReportedFlow[]): OracleReports {
    for (const seen of inOrder(reports)) this.#see(seen);
    for (const open of this.#live.values()) this.#close(open, null);
    const { denials, hours, tallies, disagreements } = this.#rows;
    return {
      records: this.#records.sort(),
      denials: denials.lines(),
      hours: hours.lines(),
      tallies: tallies.lines(),
      disagreements: disagreements.lines(),
    };
  }

  #see(seen: Seen): void {
    const { report, key } = seen;
    const { time, lastTime, kind } = report;
    const hourKey = [report.sensor, hourOf(time)].join("|");
    this.#rows.hours.add(hourKey, time, lastTime, 1);
    if (kind === "no-data" || kind === "skipped") return;
    const known = this.#live.get(key) ?? null;
    if (kind === "denied" || (kind === "window" && report.verdict === "deny")) this.#deny(seen);
    else if (kind === "window") this.#window(seen, known);
    else this.#tell(seen, known);
  }

  #tell(seen: Seen, known: Open | null): void {
    const { report, key } = seen;
    const { kind, time } = report;
    const begins = known === null || kind === "opened";
    if (begins && known !== null) this.#end(key, known, null);
    const open = begins ? this.#open(seen, known) : known;
    this.#add(open, seen);
    if (kind === "ended") this.#end(key, open, time);
  }

  #window(seen: Seen, known: Open | null): void {
    const goesOn = known !== null && seen.report.time - known.lastSeen <= 11 * minute;
    if (known !== null && !goesOn) this.#end(seen.key, known, null);
    this.#add(goesOn ? known : this.#open(seen, known), seen);
  }

  #open(seen: Seen, earlier: Open | null): Open {
    const open: Open = { seen: [], earlier, lastSeen: seen.report.time, endedAt: null };
    this.#live.set(seen.key, open);
    return open;
  }

  #add(open: Open, seen: Seen): void {
    open.seen.push(seen);
    open.lastSeen = Math.max(open.lastSeen, seen.report.lastTime);
  }

  #end(key: string, open: Open, time: number | null): void {
    this.#live.delete(key);
    this.#close(open, time);
  }

  #close(open: Open, endedAt: number | null): void {
    const [first] = open.seen as [Seen];
    const opener = openerOf(open);
    const counts = [opener, 1 - opener].map((way) => sumOf(open.seen, way as 0 | 1));
    const told = isTold(open);
    const { time, sensor, rule } = first.report;
    const ends = [first.ends[opener], first.ends[1 - opener]!] as [string, string];
    const outcome = this.#check(open, told, opener);
    this.#records.push(
      [sensor, rule, ...ends, time, told, open.lastSeen, endedAt, open.seen.length, ...counts, outcome].join("|"),
    );
    this.#count(first, outcome, { ends, reports: open.seen.length });
  }

  #deny(seen: Seen): void {
    const { report } = seen;
    const ends = [seen.ends[seen.way], seen.ends[1 - seen.way]] as [string, string];
    const outcome = this.#checkVerdict({ report, port: portOf(ends[1]), told: true, earlier: null });
    const key = [report.sensor, report.rule, hostOf(ends[0]), ends[1]].join("|");
    this.#rows.denials.add(key, report.time, report.time, 1);
    this.#count(seen, outcome, { ends, reports: 1 });
  }

  #count({ report }: Seen, outcome: string, { ends, reports }: { ends: readonly string[]; reports: number }): void {
    const key = [report.sensor, report.rule, hourOf(report.time), report.verdict, outcome].join("|");
    this.#rows.tallies.add(key, report.time, report.time, reports);
    if (["agrees", "no-verdict", "no-interface"].includes(outcome)) return;
    this.#rows.disagreements.add([key, hostOf(ends[0]!), ends[1]].join("|"), report.time, report.time, reports);
  }

  #check({ seen, earlier }: Open, told: boolean, opener: 0 | 1): string {
    const [{ report, ends }] = seen as [Seen];
    return this.#checkVerdict({ report, port: portOf(ends[1 - opener]!), told, earlier });
  }

  /** Of the group's sensor; nobody showed the interface of the other one. */
  #checkVerdict({ report, port, told, earlier }: Asked): string {
    if (report.verdict === null) return "no-verdict";
    if (!report.sensor.includes("azure-nsg")) return "no-interface";
    const { time, verdict } = report;
    const own = this.#ruleAt(time, port);
    const named = (JSON.parse(report.rule) as { rule: string }).rule.replace(/^(User|Default)Rule_/, "");
    if (own.access === verdict) return own.name === named ? "agrees" : "other-rule";
    const edits = this.world.rules.flatMap(({ from, to }) => [from, to]).filter(Number.isFinite);
    const near = edits.filter((edit) => Math.abs(edit - time) <= minute);
    const fits = (when: number) => this.#ruleAt(when, port).access === verdict;
    if (near.some((edit) => fits(edit) || fits(edit - 1))) return "edit-in-the-same-minute";
    if (verdict === "deny") return "unexplained";
    if (earlier !== null && time - earlier.lastSeen <= 30 * minute) return "opened-before";
    const before = edits.filter((edit) => edit <= time);
    return !told && before.some((edit) => fits(edit - 1)) ? "opened-before" : "unexplained";
  }

  #ruleAt(time: number, port: number): Pick<WorldRule, "name" | "access"> {
    const inForce = this.world.rules.filter(({ from, to }) => from <= time && time < to);
    const matching = inForce.filter((rule) => rule.port === port).sort((a, b) => a.priority - b.priority);
    return matching[0] ?? { name: "DenyAllInBound", access: "deny" };
  }
}

type Asked = {
  readonly report: ReportedFlow;
  readonly port: number;
  readonly told: boolean;
  readonly earlier: Open | null;
};

class Rows {
  readonly #rows = new Map<string, { first: number; last: number; count: number }>();

  add(key: string, first: number, last: number, count: number): void {
    const row = this.#rows.get(key) ?? { first, last, count: 0 };
    row.first = Math.min(row.first, first);
    row.last = Math.max(row.last, last);
    row.count += count;
    this.#rows.set(key, row);
  }

  lines(): string[] {
    return [...this.#rows].map(([key, { first, last, count }]) => `${key}|${first}|${last}|${count}`).sort();
  }
}

/** By time, then by what they tell of; of those that tell of the same, whoever says the most first, and the others never. */
function inOrder(reports: readonly ReportedFlow[]): Seen[] {
  const sorted = reports.map(seenOf).sort((a, b) => compare(a.subject, b.subject) || compare(a.says, b.says));
  const told: Seen[] = [];
  for (const seen of sorted) {
    const same = told.filter(({ subject }) => compare(subject, seen.subject) === 0);
    if (!same.some((own) => isNoOther(own.report, seen.report))) told.push(seen);
  }
  return told;
}

function isNoOther(a: ReportedFlow, b: ReportedFlow): boolean {
  const [one, other] = [toldOf(a), toldOf(b)];
  return Object.keys(one).every((name) => other[name] === undefined || other[name] === one[name]);
}

function toldOf({ verdict, direction, flags, detail }: ReportedFlow): Record<string, string> {
  return {
    ...(detail === "" ? {} : (JSON.parse(detail) as object)),
    ...(verdict !== null && { verdict }),
    ...(direction !== null && { direction }),
    ...(flags !== 0xffff && { flags: String(flags) }),
    version: "",
  };
}

function seenOf(report: ReportedFlow): Seen {
  const { flow, time, kind } = report;
  const there = [...flow.words.slice(0, 4), flow.sourcePort];
  const back = [...flow.words.slice(4), flow.destinationPort];
  const way = compare(there, back) <= 0 ? 0 : 1;
  const [low, high] = way === 0 ? [there, back] : [back, there];
  const hosts = [...low.slice(0, 4), ...high.slice(0, 4), low[4]!, high[4]!, flow.protocol];
  const { packetsForward, bytesForward, packetsBackward, bytesBackward, ordinal, rule, sensor } = report;
  const counts = [report.lastTime, packetsForward, bytesForward, packetsBackward, bytesBackward, ordinal];
  const group = rule === "" ? "" : (JSON.parse(rule) as { group: string }).group;
  const ends = [textOf(low), textOf(high)] as const;
  return {
    report,
    ends,
    way,
    key: [...ends, flow.protocol, sensor, group].join("|"),
    subject: [time, ...hosts, way, sensor, kinds.indexOf(kind), ...counts, rule],
    says: saysOf(report),
  };
}

function saysOf({ verdict, direction, flags, detail }: ReportedFlow): (number | string)[] {
  const fields = detail === "" ? 0 : Object.keys(JSON.parse(detail)).filter((name) => name !== "version").length;
  const wealth = [verdict !== null, flags !== 0xffff, direction !== null].map((told) => (told ? 0 : 1));
  const marks = rank(["allow", "deny"], verdict) + 4 * rank(["inbound", "outbound"], direction);
  return [...wealth, -fields, marks, flags, detail];
}

function rank(values: readonly string[], value: string | null): number {
  return value === null ? 0 : values.indexOf(value) + 1;
}

function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1;
}

function textOf(end: readonly number[]): string {
  return `${end.slice(0, 4).join(".")}:${end[4]}`;
}

function hostOf(end: string): string {
  return end.slice(0, end.indexOf(":"));
}

function portOf(end: string): number {
  return Number(end.slice(end.indexOf(":") + 1));
}

function hourOf(time: number): number {
  return Math.floor(time / hour) * hour;
}

function hasSyn({ report: { flags } }: Seen): boolean {
  return flags !== 0xffff && (flags & 2) !== 0;
}

function openerOf({ seen }: Open): 0 | 1 {
  const [first] = seen as [Seen];
  if (first.report.kind !== "window") return first.way;
  const shown = seen.find(hasSyn);
  if (shown !== undefined) return (shown.report.flags & 16) === 0 ? shown.way : ((1 - shown.way) as 0 | 1);
  const begun = ([0, 1] as const).map((way) =>
    Math.min(...seen.filter((own) => own.way === way).map(({ report }) => report.time)),
  );
  if (begun[0] !== begun[1]) return begun[0]! < begun[1]! ? 0 : 1;
  return portOf(first.ends[0]) >= portOf(first.ends[1]) ? 0 : 1;
}

/** Told as such, or by SYN in the first window of either way. */
function isTold({ seen }: Open): boolean {
  const firsts = ([0, 1] as const).flatMap((way) => seen.find((own) => own.way === way) ?? []);
  return seen[0]!.report.kind === "opened" || firsts.some(hasSyn);
}

function sumOf(seen: readonly Seen[], way: 0 | 1): string {
  const counts = seen.flatMap(({ report, way: own }) =>
    own === way ? [[report.packetsForward, report.bytesForward]] : [[report.packetsBackward, report.bytesBackward]],
  );
  const sum = (index: number) => {
    const told = counts.map((pair) => pair[index]!).filter((count) => count >= 0);
    return told.length === 0 ? "?" : told.reduce((all, count) => all + count, 0);
  };
  return `${sum(0)}/${sum(1)}`;
}
