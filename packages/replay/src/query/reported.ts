// What sensors reported of a connection by an instant: records that were open then, else the last before, and denials.

import { type Conversation, formatAddress, type ResourceId } from "@conntrail/engine";
import {
  isReportedOpen,
  type ReportedDeniedTable,
  type ReportedFlowTable,
  reportedBetween,
  reportedDenialsBetween,
} from "@conntrail/store";
import type { Case } from "../case.js";
import { type ReportAddress, reportAddress } from "./report-address.js";
import { type AskedAdmission, type ReportedAdmission, reportedAdmission } from "./reported-admission.js";

export type ReportedAnswer = {
  readonly row: ReportedFlowTable;
  /** Open at the instant asked about. */
  readonly open: boolean;
  readonly opening: ReportAddress | null;
  readonly admission: ReportedAdmission;
  /** Groups at its interface whose edits judge live records anew. */
  readonly flushing: readonly string[];
};

export type ReportedConversation = {
  /** The latest opened first; at most `maxShown`. */
  readonly records: readonly ReportedAnswer[];
  /** How many more there are. */
  readonly more: number;
  readonly denials: readonly ReportedDeniedTable[];
};

const maxShown = 3;

export type AskedConversation = Omit<AskedAdmission, "row"> & {
  readonly conversation: Conversation;
  flushingAt(id: ResourceId): readonly string[];
};

export async function reportedConversation(
  kase: Case,
  { conversation, at, policy, ties, flushingAt }: AskedConversation,
): Promise<ReportedConversation> {
  const { protocol, a, b, portB } = conversation;
  const ends = { protocol, a: formatAddress(a), b: formatAddress(b) };
  const begun = reportedBetween(kase.views, ends).filter(
    (row) => row.opened_at <= at && isOfPorts(row, conversation, ends.a),
  );
  const open = begun.filter((row) => isReportedOpen(row, at));
  const told = (open.length > 0 ? open : begun.slice(-1)).toReversed();
  const shown = told.slice(0, maxShown).map(async (row) => ({
    row,
    open: isReportedOpen(row, at),
    opening: await reportAddress(kase, row),
    admission: await reportedAdmission(kase, { row, policy, ties, at }),
    flushing: row.interface === null ? [] : flushingAt(row.interface),
  }));
  const denials = reportedDenialsBetween(kase.views, ends).filter(
    ({ first, source, destination_port: port }) =>
      first <= at && (source !== ends.a || portB === null || portB === port),
  );
  return { records: await Promise.all(shown), more: told.length - shown.length, denials };
}

/** Null ports of the question stand for any. */
function isOfPorts(row: ReportedFlowTable, { portA, portB }: Conversation, a: string): boolean {
  const [own, peer] =
    row.source === a ? [row.source_port, row.destination_port] : [row.destination_port, row.source_port];
  return (portA === null || portA === own) && (portB === null || portB === peer);
}
