// What a sensor said of a connection, as the rules can be asked about it.

import type { FiveTuple } from "../policy/rule-match.js";
import type { Micros } from "../time.js";
import { type Address, parseAddress } from "../wire/address.js";
import type { Earlier, LiveReport } from "./live-report.js";
import type { ReportedDirection, ReportedRule, ReportedVerdict, ReportingSensor } from "./reported-flow.js";

export type Sighting = {
  readonly sensor: ReportingSensor;
  readonly rule: ReportedRule | null;
  readonly verdict: ReportedVerdict;
  readonly direction: ReportedDirection;
  /** Of the first report, and the end of its window. */
  readonly time: Micros;
  readonly until: Micros;
  /** As its opener sent it; of a denial as the sensor saw it. */
  readonly tuple: FiveTuple;
  /** Whether the sensor says that the connection was opened then. */
  readonly openingTold: boolean;
  /** Whether a report shows the answers' way by itself. */
  readonly answered: boolean;
  /** TCP flags seen, OR-ed, or `noFlags`. */
  readonly flags: number;
  /** Of an accepted connection the record that this one took the place of; of a denial the one that was accepted. */
  readonly earlier: Earlier | null;
  /** Why the platform rejected it, where the log says: `BPA` of AWS's block public access. */
  readonly rejectReason: string | null;
};

export function sightingOf(live: LiveReport): Sighting {
  const { detail, rule, sensor } = live;
  const told = sensor.sensor.kind === "aws-vpc" && detail !== "" ? awsDetail(detail) : nothingMore;
  const { source, destination, rejectReason } = told;
  const { tuple } = live;
  const asRow = live.openerSide === live.firstSide;
  const [from, to] = asRow ? [source, destination] : [destination, source];
  return {
    sensor: sensor.sensor,
    rule: rule.rule,
    verdict: live.verdict,
    direction: live.direction,
    time: live.openedAt,
    until: live.openedBy,
    tuple: from === null && to === null ? tuple : withAddresses(tuple, from, to),
    openingTold: live.openingTold,
    answered: live.isAnswered,
    flags: live.flags,
    earlier: live.earlier,
    rejectReason,
  };
}

function withAddresses(tuple: FiveTuple, source: Address | null, destination: Address | null): FiveTuple {
  return { ...tuple, source: source ?? tuple.source, destination: destination ?? tuple.destination };
}

/** The answers' way of it. */
export function answersOf(tuple: FiveTuple): FiveTuple {
  const { source, destination, sourcePort, destinationPort } = tuple;
  return {
    protocol: tuple.protocol,
    source: destination,
    sourcePort: destinationPort,
    destination: source,
    destinationPort: sourcePort,
    icmp: tuple.icmp,
    portsKnown: tuple.portsKnown,
  };
}

type AwsDetail = {
  readonly source: Address | null;
  readonly destination: Address | null;
  readonly rejectReason: string | null;
};

const nothingMore: AwsDetail = { source: null, destination: null, rejectReason: null };

/** `srcaddr` and `dstaddr` show an interface's primary address in place of its others; these fields show the true ones [W3]. */
function awsDetail(detail: string): AwsDetail {
  if (!detail.includes("pkt-") && !detail.includes("reject-reason")) return nothingMore;
  const fields = JSON.parse(detail) as { readonly [field: string]: string };
  const address = (field: string) => parseAddress(fields[field] ?? "");
  return {
    source: address("pkt-srcaddr"),
    destination: address("pkt-dstaddr"),
    rejectReason: fields["reject-reason"] ?? null,
  };
}
