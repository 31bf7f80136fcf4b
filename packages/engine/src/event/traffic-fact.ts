// Facts of traffic, and of imports.

import type { Problem, ProblemCounts, ProblemKind } from "./problem.js";

/** A batch of packets of one place of capture and one source, as many as `encodePacketBatch` put into `columns`. */
export type PacketsObserved = {
  readonly type: "packets-observed";
  readonly data: {
    /** The place of capture: as the user named it, or named by the source (and its interface in a pcapng file). */
    readonly place: string;
    readonly count: number;
    /** Every packet that the source holds for this place between these two frames is in the batch. */
    readonly firstFrame: number;
    readonly lastFrame: number;
    readonly columns: Uint8Array;
    /** Of standard input only, whose end nobody knows: a file that begins so is the same capture. */
    readonly contentRead?: ContentRead;
  };
};

/** A batch of what a sensor said of flows, as many reports as `encodeReportedBatch` put into `columns`. */
export type FlowsReported = {
  readonly type: "flows-reported";
  readonly data: {
    /** The interface that the user named, or the source. */
    readonly place: string;
    readonly count: number;
    /** The number of the first report in its source, from 0; the others follow without holes. */
    readonly firstReport: number;
    readonly columns: Uint8Array;
  };
};

/** How much of a source had been read, and the SHA-256 of that much, hex. */
export type ContentRead = { readonly bytes: number; readonly sha256: string };

export type ImportStarted = {
  readonly type: "import-started";
  readonly data: {
    /** As given to the command. */
    readonly name: string;
    readonly format: string;
    /** The place of capture that the user named, if any. */
    readonly place: string | null;
    /** Of captures: SHA-256 of header and first record, by which a capture is known before it is read to its end. */
    readonly opening?: string;
  };
};

export type RecordedProblem = Omit<Problem, "kind"> & { readonly kind: ProblemKind | null };

export type ImportFinished = {
  readonly type: "import-finished";
  readonly data: {
    readonly name: string;
    /** Of the whole content; differs from the source's own id for standard input only. */
    readonly sha256: string;
    readonly records: number;
    readonly newEvents: number;
    readonly problemCount: number;
    /** Of all; empty where the import was made before problems had kinds. */
    readonly problemsByKind: ProblemCounts;
    /** The first thousand; a kind is null where the import was made before problems had kinds. */
    readonly problems: readonly RecordedProblem[];
  };
};
