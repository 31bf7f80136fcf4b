// Reports as tests write them, and what the fold makes of them.

import {
  buildNetworkHistory,
  buildPolicyHistory,
  type ControlEvent,
  endOfTime,
  newReportedFlow,
  parseAddress,
  type ReportedBatch,
  type ReportedCounts,
  type ReportedFlow,
  ReportedFold,
  type ReportedFoldInput,
  type ReportedRecord,
  type ReportingSensor,
} from "../../src/index.js";
import { at } from "./instants.js";
import { batchOfReports } from "./reports.js";

export type ReportText = Partial<Omit<ReportedFlow, "flow" | "sensor" | "rule" | "time" | "lastTime">> & {
  /** As `at` reads it. */
  readonly time?: string;
  readonly lastTime?: string;
  /** `203.0.113.7:50000`, or without a port. */
  readonly from?: string;
  readonly to?: string;
  readonly protocol?: number;
  readonly sensor?: Partial<ReportingSensor>;
  /** The logged name; null: the log names none. */
  readonly rule?: string | null;
  readonly group?: string | null;
};

export const nsgSensor: ReportingSensor = { kind: "azure-nsg", interface: null, mac: "000d3af80001", resource: "web" };
export const vpcSensor: ReportingSensor = { kind: "aws-vpc", interface: "eni-1", mac: null, resource: null };

/** Of an NSG flow log, unless it says otherwise: an SSH connection allowed into 10.0.0.4. */
export function report(text: ReportText): ReportedFlow {
  const { time = "12:00", from = "203.0.113.7:50000", to = "10.0.0.4:22", protocol = 6, ...rest } = text;
  const { sensor = {}, rule = "UserRule_ssh", group = "web", lastTime = time, ...own } = rest;
  const [source, sourcePort] = endOf(from);
  const [destination, destinationPort] = endOf(to);
  const words = Uint32Array.from([...source, ...destination]);
  const named = rule === null && group === null ? "" : JSON.stringify({ group, rule });
  return {
    ...newReportedFlow(),
    kind: "opened",
    verdict: own.kind === "denied" ? "deny" : "allow",
    direction: "inbound",
    ...own,
    flow: { words, protocol, sourcePort, destinationPort, icmp: 0 },
    time: at(time),
    lastTime: at(lastTime),
    sensor: JSON.stringify({ ...nsgSensor, ...sensor }),
    rule: named,
  };
}

/** A line of a VPC flow log, of a minute: neither rule nor direction. */
export function row(text: ReportText): ReportedFlow {
  const { time = "12:00" } = text;
  const more = { kind: "window", direction: null, rule: null, group: null } as const;
  return report({ lastTime: `${time}:59`, ...more, ...text, sensor: { ...vpcSensor, ...text.sensor } });
}

function endOf(text: string): [readonly number[], number] {
  const [address = "", port = "0"] = text.split(":");
  return [parseAddress(address)!, Number(port)];
}

export type Folded = ReportedCounts & { readonly records: readonly ReportedRecord[] };

export function foldReports(
  events: readonly ControlEvent[],
  batches: readonly (readonly ReportedFlow[])[],
  more: Pick<ReportedFoldInput, "packetRecordBefore"> = {},
): Folded {
  return foldBatches(events, batches.map(batchOfReports), more);
}

export function foldBatches(
  events: readonly ControlEvent[],
  batches: readonly ReportedBatch[],
  more: Pick<ReportedFoldInput, "packetRecordBefore"> = {},
): Folded {
  const records: ReportedRecord[] = [];
  const [policy, network] = [buildPolicyHistory(events), buildNetworkHistory(events)];
  const counts = { denials: [], hours: [], skipped: [], checks: [], disagreements: [] } as Gathered;
  const onCounts = (part: ReportedCounts) => gather(counts, part);
  const fold = new ReportedFold({ policy, network, onRecord: (record) => records.push(record), onCounts, ...more });
  const stored = batches.map((batch) => ({ firstTime: Math.min(...batch.time, endOfTime), batch }));
  for (const each of stored.sort((a, b) => a.firstTime - b.firstTime)) fold.push(each);
  fold.finish();
  return { ...counts, records };
}

type Gathered = { [name in keyof ReportedCounts]: object[] } & ReportedCounts;

/** Few enough here that one part has all. */
function gather(counts: Gathered, part: ReportedCounts): void {
  for (const name of Object.keys(counts) as (keyof ReportedCounts)[]) counts[name].push(...part[name]);
}
