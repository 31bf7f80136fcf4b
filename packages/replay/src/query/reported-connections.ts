// Connections as sensors of Zeek logged them, in the order of their logs, several logs beside each other by when each
// connection was over. One that stands in several logs, or twice in one, comes once.

import {
  type Address,
  ContentHash,
  type Micros,
  newReportedFlow,
  notCounted,
  type Position,
  type ReportedFlow,
  reportAt,
} from "@conntrail/engine";
import { readReports, reportBatches, sources } from "@conntrail/store";
import type { Case } from "../case.js";

export type ReportedConnection = {
  /** As the user named it, else the source. */
  readonly place: string;
  readonly time: Micros;
  readonly lastTime: Micros;
  readonly protocol: number;
  readonly originator: ReportedEnd;
  readonly responder: ReportedEnd;
  /** All other fields of the line, by Zeek's names. */
  readonly fields: { readonly [name: string]: unknown };
};

export type ReportedEnd = {
  readonly address: Address;
  /** Of ICMP: the originator's the type, the responder's its counterpart or the code. */
  readonly port: number;
  /** Null where the log does not count. */
  readonly packets: number | null;
  readonly ipBytes: number | null;
};

/** `closedAt`: when this connection, and all before it in its log, were over. */
export type LoggedConnection = { readonly closedAt: number; readonly connection: ReportedConnection };

type Row = ReturnType<typeof reportBatches>[number];

/** Where the log has the batches of one of Zeek's logs, in the order of its lines. */
type ZeekLog = { readonly firstTime: number; readonly rows: readonly Row[] };

type Line = LoggedConnection & { readonly identity: bigint };

/** A log that is being read, and its next line. */
type Cursor = { readonly lines: AsyncGenerator<Line>; line: Line };

/** `knownAt`: only those stored by then; null: all. */
export async function* reportedConnections(kase: Case, knownAt: Position | null): AsyncGenerator<LoggedConnection> {
  const waiting = zeekLogs(kase, knownAt);
  const open: Cursor[] = [];
  const seen = new Set<bigint>();
  for (;;) {
    const cursor = firstToClose(open);
    if (waiting.length > 0 && (cursor === null || waiting[0]!.firstTime <= cursor.line.closedAt)) {
      const lines = linesOf(kase, waiting.shift()!);
      const first = await lines.next();
      if (first.done !== true) open.push({ lines, line: first.value });
    } else if (cursor === null) {
      return;
    } else {
      const { line } = cursor;
      if (!seen.has(line.identity)) yield line;
      seen.add(line.identity);
      await advance(cursor, open);
    }
  }
}

/** No log holds a connection that was over before its first time, so those that begin later may wait. */
function zeekLogs({ views }: Case, knownAt: Position | null): ZeekLog[] {
  const zeeks = new Set(sources(views).flatMap(({ sha256, format }) => (format === "zeek-conn-log" ? [sha256] : [])));
  const logs = new Map<string, Row[]>();
  for (const row of reportBatches(views, knownAt).filter(({ sha256 }) => zeeks.has(sha256))) {
    const rows = logs.get(row.sha256);
    if (rows === undefined) logs.set(row.sha256, [row]);
    else rows.push(row);
  }
  const inOrder = [...logs].sort(
    ([a, [first]], [b, [second]]) => first!.first_time - second!.first_time || (a < b ? -1 : 1),
  );
  return inOrder.map(([, rows]) => ({
    firstTime: rows[0]!.first_time,
    rows: rows.sort((a, b) => a.first_report - b.first_report),
  }));
}

function firstToClose(open: readonly Cursor[]): Cursor | null {
  return open.reduce<Cursor | null>((a, b) => (a === null || b.line.closedAt < a.line.closedAt ? b : a), null);
}

async function advance(cursor: Cursor, open: Cursor[]): Promise<void> {
  const next = await cursor.lines.next();
  if (next.done === true) open.splice(open.indexOf(cursor), 1);
  else cursor.line = next.value;
}

async function* linesOf({ log }: Case, { rows }: ZeekLog): AsyncGenerator<Line> {
  const report = newReportedFlow();
  let closedAt = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const batch = await readReports(log, row);
    for (let index = 0; batch !== null && index < batch.count; index++) {
      reportAt(batch, index, report);
      if (report.kind !== "connection") continue;
      closedAt = Math.max(closedAt, report.lastTime);
      yield { closedAt, identity: identityOf(report), connection: connectionOf(report, row.sha256) };
    }
  }
}

function identityOf({ flow, ...report }: ReportedFlow): bigint {
  const { time, lastTime, packetsForward, bytesForward, packetsBackward, bytesBackward } = report;
  const hash = new ContentHash().text(report.sensor).text(report.detail);
  for (const word of flow.words) hash.number(word);
  for (const part of [flow.protocol, flow.sourcePort, flow.destinationPort, flow.icmp]) hash.number(part);
  for (const part of [time, lastTime, packetsForward, bytesForward, packetsBackward, bytesBackward]) hash.number(part);
  return hash.bits();
}

function connectionOf(report: ReportedFlow, sha256: string): ReportedConnection {
  const { flow, detail } = report;
  const fields = detail === "" ? {} : JSON.parse(detail);
  const { resource } = JSON.parse(report.sensor);
  return {
    place: resource ?? sha256,
    time: report.time as Micros,
    lastTime: report.lastTime as Micros,
    protocol: flow.protocol,
    originator: {
      address: addressIn(flow.words, 0),
      port: fields["id.orig_p"] ?? flow.sourcePort,
      packets: counted(report.packetsForward),
      ipBytes: counted(report.bytesForward),
    },
    responder: {
      address: addressIn(flow.words, 4),
      port: fields["id.resp_p"] ?? flow.destinationPort,
      packets: counted(report.packetsBackward),
      ipBytes: counted(report.bytesBackward),
    },
    fields,
  };
}

function addressIn(words: Uint32Array, at: number): Address {
  return [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!];
}

function counted(count: number): number | null {
  return count === notCounted ? null : count;
}
