// Flow tuples of Azure without their records, one a line, as documentation and scripts have them. Who reported them, and
// which rule decided, is not known.

import type { ReportingSensor } from "@conntrail/engine";
import { canonicalJson } from "@conntrail/store";
import type { FlowLogShape } from "./azure-flow-log.js";
import { TupleReader } from "./azure-tuple-reader.js";
import type { Evidence, Imported, ReportContext } from "./importer.js";
import { LineBytes } from "./line-bytes.js";

const utf8 = new TextDecoder();

/** Around a tuple that was cut out of a record. */
const around = /^[\s\uFEFF"']+|[\s"',]+$/g;
const commonFields = /^\d{10,13},[\da-f.:]+,[\da-f.:]+,\d*,\d*,/i;

/** Whether the first line that is not blank is a tuple; `own` are its fields behind the ports. */
export function beginsWithTuple(content: Uint8Array, own: RegExp): boolean {
  const first = utf8
    .decode(content.subarray(0, 1024))
    .replace(/^[\s\uFEFF]+/, "")
    .split("\n", 1)[0]!;
  const tuple = first.replace(around, "");
  const common = commonFields.exec(tuple)?.[0];
  return common !== undefined && own.test(tuple.slice(common.length));
}

export async function* readTupleLines(
  evidence: Evidence,
  shape: FlowLogShape,
  { now }: Pick<ReportContext, "now">,
): AsyncIterable<Imported> {
  const tuples = new TupleReader(shape, now);
  const sensor = { kind: shape.sensorKind, interface: null, mac: null, resource: null } satisfies ReportingSensor;
  tuples.report.sensor = canonicalJson(sensor);
  const lines = new LineBytes(evidence.content());
  try {
    do while (lines.next()) yield* readLine(lines, tuples);
    while (await lines.fill());
  } finally {
    await lines.close();
  }
  yield* tuples.finish();
  yield { kind: "records", count: lines.number, stored: 0 };
}

function* readLine({ bytes, from, to, number, offset }: LineBytes, tuples: TupleReader): Iterable<Imported> {
  const text = utf8.decode(bytes.subarray(from, to)).replace(around, "");
  if (text === "") return;
  tuples.report.record = number;
  tuples.report.offset = offset;
  const full = tuples.read(text, null) ? tuples.add() : null;
  if (full !== null) yield full;
}
