// The rules that let a reported flow record in, as we know them, and what became of them since.

import {
  type AccessTies,
  eachOnce,
  type GrantMatch,
  groupBy,
  groupNamed,
  type Micros,
  newReportedFlow,
  notCounted,
  type PolicyHistory,
  type ReportedFlow,
  type ReportingSensor,
  type ReportPlace,
  type RuleVersion,
  reportAt,
  sliceReports,
} from "@conntrail/engine";
import type { GateRow, ReportedFlowTable } from "@conntrail/store";
import type { Case } from "../case.js";
import { directionBetween, type StoredReport, storedReports } from "./stored-report.js";

/** Moved through a flow record: IP packets and bytes, from the opener and back. */
export type Moved = { readonly packets: number; readonly bytesForward: number; readonly bytesBackward: number };

export type TiedGrant = GrantMatch & { readonly version: RuleVersion };

export type ReportedAdmission = {
  readonly versions: readonly RuleVersion[];
  /** Of the admitting versions, those that had ended by the instant asked about, the earliest first. */
  readonly outlived: readonly RuleVersion[];
  readonly grants: readonly TiedGrant[];
  /** Told by reports since the first of them ended; null: none ended, or the sensor tells of a connection only once. */
  readonly movedSince: Moved | null;
};

export type AskedAdmission = {
  readonly row: ReportedFlowTable;
  readonly policy: PolicyHistory;
  readonly ties: AccessTies;
  readonly at: Micros;
};

export async function reportedAdmission(
  kase: Case,
  { row, policy, ties, at }: AskedAdmission,
): Promise<ReportedAdmission> {
  const versions = admittingVersions(policy, row);
  const outlived = endedBy(versions, at);
  const [first] = outlived;
  return {
    versions,
    outlived,
    grants: versions.flatMap((version) => ties.matchesOf(version).map((match) => ({ ...match, version }))),
    movedSince: first === undefined ? null : await reportedSince(kase, row, first.to),
  };
}

/** Those that had ended by an instant, the earliest first. */
export function endedBy(versions: readonly RuleVersion[], at: Micros): RuleVersion[] {
  return versions.filter(({ to }) => to <= at).sort((a, b) => a.to - b.to);
}

function admittingVersions(policy: PolicyHistory, { gates }: ReportedFlowTable): RuleVersion[] {
  return (JSON.parse(gates) as GateRow[]).flatMap(({ decision, group, rule, version, isDefault }) => {
    const versions = decision === "allow" && group !== null ? groupNamed(policy, group)?.versions : undefined;
    const found = versions?.find((own) => own.rule === rule && own.version === version && own.isDefault === isDefault);
    return found ?? [];
  });
}

/** What its sensor's reports of later instants add up to; null where it tells of a connection only once, at its end. */
export async function reportedSince(kase: Case, row: ReportedFlowTable, since: Micros): Promise<Moved | null> {
  const { kind } = JSON.parse(row.sensor) as ReportingSensor;
  if (kind === "zeek" || kind === "suricata" || kind === "conntrack") return null;
  const directionOf = directionBetween(row);
  const isOwn = (report: ReportedFlow) =>
    report.sensor === row.sensor && report.verdict !== "deny" && directionOf(report) !== null;
  const span = { from: (since + 1) as Micros, to: (row.ended_at ?? row.last_seen) as Micros };
  const moved = { packets: 0, bytesForward: 0, bytesBackward: 0 };
  for (const report of await eachReportOnce(storedReports(kase, span, isOwn))) {
    add(moved, report, directionOf(report)!);
  }
  return moved;
}

/** Those that several exports hold once, as the fold takes them. */
async function eachReportOnce(reports: AsyncIterable<StoredReport>): Promise<ReportedFlow[]> {
  const places: ReportPlace[] = [];
  for await (const { batch, index } of reports) places.push({ batch: sliceReports(batch, index, index + 1), index: 0 });
  const instants = [...groupBy(places, ({ batch }) => batch.time[0]!)];
  return instants.flatMap(([, told]) => eachOnce(told).map(({ batch }) => reportAt(batch, 0, newReportedFlow())));
}

function add(
  moved: { packets: number; bytesForward: number; bytesBackward: number },
  report: ReportedFlow,
  direction: "forward" | "backward",
): void {
  const { packetsForward, packetsBackward, bytesForward, bytesBackward } = report;
  const bytes = [bytesForward, bytesBackward].map(counted);
  moved.packets += counted(packetsForward) + counted(packetsBackward);
  moved.bytesForward += direction === "forward" ? bytes[0]! : bytes[1]!;
  moved.bytesBackward += direction === "forward" ? bytes[1]! : bytes[0]!;
}

function counted(count: number): number {
  return count === notCounted ? 0 : count;
}
