// Drives the reading of a capture: the format takes whole records from the window, and the pump brings more bytes.

import type { ByteWindow } from "./byte-window.js";
import type { Capture } from "./capture.js";
import type { Imported, Problem, ProblemKind } from "./importer.js";

/** Longer records are refused before anything is allocated for them; tcpdump's own limit is 262,144 bytes. */
export const maxRecordBytes = 16_777_216;

/** A format's part. */
export type RecordReader = {
  /** Takes every record that is whole in the window; answers how many bytes it needs to go on, or why it can't. */
  takeRecords(): number | Problem;
};

export type CaptureReading = { readonly window: ByteWindow; readonly capture: Capture };

export async function* pump({ window, capture }: CaptureReading, reader: RecordReader): AsyncIterable<Imported> {
  for (;;) {
    const needed = reader.takeRecords();
    yield* capture.takeReady();
    if (typeof needed !== "number") {
      yield { kind: "problem", problem: needed };
      break;
    }
    const filled = await window.fill(needed);
    if (filled === "due") capture.handOver();
    if (filled === "ended") {
      if (window.available > 0 || window.toSkip > 0) yield { kind: "cut", problem: cutOff(capture) };
      break;
    }
  }
  yield* capture.finish();
}

/** The problem of a file that can't be read on; `why` says what stands there. */
export function stopped(capture: Capture, why: string): Problem {
  return stoppedAs("malformed", capture, why);
}

function stoppedAs(kind: ProblemKind, capture: Capture, why: string): Problem {
  return { kind, record: capture.records + 1, message: `${why}; ${keptText(capture)}` };
}

function cutOff(capture: Capture): Problem {
  return stoppedAs("cut-off", capture, "the file ends inside this record; copy it again if its source has the rest");
}

function keptText({ records }: Capture): string {
  if (records === 0) return "no record came before it";
  return records === 1 ? "the record before it was read" : `the ${records} records before it were read`;
}
