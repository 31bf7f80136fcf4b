// What the evidence does not cover, as a value: what is missing, where, when, and how we know.

import type { DroppedBy, Micros, ProblemCounts, ReportingSensor, ResourceId } from "@conntrail/engine";

/** From `from` to `to`; microseconds. */
export type GapSpan = { readonly from: Micros; readonly to: Micros };

/**
 * How it shows that hours without a report were not quiet: the sensor reports quiet times too; all interfaces of the log
 * are silent at once; others saw traffic there. `alone-silent`: it is seldom silent, and others of the log are not, so
 * that it is likely.
 */
export type MissingBecause = "reports-quiet-times" | "whole-log-silent" | "seen-by-others" | "alone-silent";

/** How far answers can be trusted that rest on it. */
export type GapDoubt = "unknown" | "inferred";

/** Who saw a connection being opened. */
export type Witness =
  | { readonly is: "sensor"; readonly sensor: ReportingSensor }
  | ({ readonly is: "capture" } & CapturePlace);

/** With the name that the user gave, else the file's. */
export type CapturePlace = { readonly place: string; readonly name: string };

export type Gap = GapSpan &
  (
    | {
        readonly kind: "missing-hours";
        /** Of a whole log without interface. */
        readonly sensor: ReportingSensor;
        readonly because: MissingBecause;
        /** Interfaces of the log that are silent. */
        readonly silent: number;
        readonly hours: number;
      }
    | {
        readonly kind: "no-report";
        readonly sensor: ReportingSensor;
        /** Without a report, of all from its first hour to its last. */
        readonly hours: number;
        readonly ofHours: number;
        /** Neighbouring hours joined. */
        readonly spans: readonly GapSpan[];
      }
    | {
        readonly kind: "skipped";
        readonly sensor: ReportingSensor;
        readonly records: number;
        /** Windows that follow one another joined. */
        readonly spans: readonly GapSpan[];
      }
    | ({ readonly kind: "dropped"; readonly droppedBy: DroppedBy | null; readonly packets: number } & CapturePlace)
    | ({ readonly kind: "no-capture" } & CapturePlace)
    | {
        readonly kind: "unread-records";
        readonly source: string;
        readonly sha256: string;
        readonly problems: ProblemCounts;
        /** Whether it tells of packets or flows; its times are known only then. */
        readonly isOfTraffic: boolean;
      }
    | { readonly kind: "unfinished-import"; readonly source: string; readonly sha256: string }
    | { readonly kind: "uncovered"; readonly interfaces: readonly { readonly id: ResourceId; readonly name: string }[] }
    /** No interface is known where these stand. */
    | { readonly kind: "unplaced"; readonly witnesses: readonly Witness[] }
    | {
        readonly kind: "flow-timeout";
        readonly network: ResourceId;
        /** Unset, as evidence shows; else nobody has shown it. */
        readonly shown: boolean;
      }
    | {
        readonly kind: "rules-late";
        readonly groups: readonly ResourceId[];
        readonly doubt: GapDoubt;
        readonly because: string;
      }
    | { readonly kind: "changes"; readonly cloud: Cloud; readonly is: "before" | "after" | "none" }
    | { readonly kind: "access-late"; readonly policy: ResourceId; readonly name: string; readonly doubt: GapDoubt }
    | {
        readonly kind: "list";
        readonly lists: readonly string[];
        readonly is: "never-shown" | "shown-later" | "shown-earlier";
      }
    | {
        readonly kind: "clock-skew";
        readonly witnesses: readonly [Witness, Witness];
        /** What the second one's clock shows more than the first one's: the median. */
        readonly offsetMicros: number;
        readonly connections: number;
      }
  );

export type GapKind = Gap["kind"];
export type GapOf<Kind extends GapKind> = Extract<Gap, { readonly kind: Kind }>;

export type Cloud = "azure" | "aws";

/** The times at which something is lacking. */
export function spansOf(gap: Gap): readonly GapSpan[] {
  return "spans" in gap ? gap.spans : [gap];
}

export function overlaps(a: GapSpan, b: GapSpan): boolean {
  return a.from < b.to && b.from < a.to;
}

/** Null: they have nothing in common. */
export function commonSpan(a: GapSpan, b: GapSpan): GapSpan | null {
  const from = Math.max(a.from, b.from) as Micros;
  const to = Math.min(a.to, b.to) as Micros;
  return from < to ? { from, to } : null;
}

/** Those with traffic lost, where a count or a denial may be wrong because of it. */
export type Loss = GapOf<"missing-hours" | "no-report" | "skipped" | "dropped" | "no-capture" | "unread-records">;

const lossKinds: ReadonlySet<GapKind> = new Set<Loss["kind"]>([
  "missing-hours",
  "no-report",
  "skipped",
  "dropped",
  "no-capture",
  "unread-records",
]);

export function isLoss(gap: Gap): gap is Loss {
  return lossKinds.has(gap.kind) && !(gap.kind === "unread-records" && !gap.isOfTraffic);
}
