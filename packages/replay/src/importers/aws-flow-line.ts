// One line of a VPC flow log as it lies in the bytes: what stands before its fields, and which format it names or shows.

import { defaultFormat, type FlowLogFormat, flowLogFormat, formatOfHeader } from "./aws-flow-format.js";
import { documentedFields, isInDocumentedOrder } from "./aws-flow-order.js";
import { isSpace } from "./json-value.js";
import { LineFields } from "./line-fields.js";

/** Bytes `from` to `to` of `bytes`, and where they stand in the content. */
export type FlowLine = {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly number: number;
  readonly offset: number;
  /** Whether the content ends right behind it, so that it may be a part of a line. */
  readonly isUnbroken: boolean;
  /** Whether it is only the beginning of a line. */
  readonly isTooLong: boolean;
};

type FlowBytes = Pick<FlowLine, "bytes" | "from" | "to">;

/** Where a disk was full there are zeros. */
export function isBlank({ bytes, from, to }: FlowBytes): boolean {
  return bytes.subarray(from, to).every(isSpace);
}

/** Without the time, and the name of the stream, that CloudWatch puts before a line, and the quotes of a table's cell. */
export function splitFlowLine(
  fields: LineFields,
  { bytes, from, to }: FlowBytes,
  format: Pick<FlowLogFormat, "separator"> = defaultFormat,
): void {
  const cell = format.separator === "blank" ? lastCell(bytes, from, to) : from;
  const isQuoted = format.separator === "blank" && bytes[cell] === quote && bytes[to - 1] === quote && to > cell + 1;
  fields.split(format.separator, bytes, isQuoted ? cell + 1 : cell, isQuoted ? to - 1 : to);
  if (bytes[from + 4] !== dash || bytes[from + 10] !== letterT || !instant.test(fields.text(0))) return;
  fields.shift(streamName.test(fields.text(1)) ? 2 : 1);
}

const quote = 0x22;
const dash = 0x2d;
const comma = 0x2c;
const letterT = 0x54;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
/** An interface and the traffic that is logged there. */
const streamName = /^eni-[0-9a-f]+-(?:all|accept|reject)$/;

/** `1773828300000,2 1234…` in what the console downloads as CSV, `2026-03-18 10:05:00.000,2 1234…` of Logs Insights. */
function lastCell(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from + 13] === comma && from + 13 < to) return from + 14;
  return bytes[from + 23] === comma && from + 23 < to ? from + 24 : from;
}

/** A header may have another separator than the lines before it. */
export function headerIn(fields: LineFields, line: FlowBytes): FlowLogFormat | null {
  const format = formatOfHeader(fields, "blank");
  if (format !== null || fields.count > 1) return format;
  for (const separator of ["comma", "blank"] as const) {
    const other = new LineFields();
    other.split(separator, line.bytes, line.from, line.to);
    const format = formatOfHeader(other, separator);
    if (format !== null) return format;
  }
  return null;
}

/** Of a line before which none names its fields: what its values show; null where they show too little. */
export function unnamedFormat(fields: LineFields, line: FlowBytes): FlowLogFormat | null {
  for (const separator of ["blank", "comma"] as const) {
    splitFlowLine(fields, line, { separator });
    if (isInDocumentedOrder(fields)) return flowLogFormat(documentedFields.slice(0, fields.count), separator);
  }
  splitFlowLine(fields, line);
  return null;
}

/** Whether it is the head of a table whose cells are whole lines. */
export function isHeadOfLines(fields: LineFields): boolean {
  return fields.count === 1 && headOfLines.test(fields.text(0));
}

const headOfLines = /^(?:@?timestamp,)?@?message$/;
