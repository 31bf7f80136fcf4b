// One record of a source as it stands there: a packet's bytes, a JSON value, or a line.

import { systemClock } from "@conntrail/store";
import { captureImporterFor } from "../importers/all-importers.js";
import { ByteWindow } from "../importers/byte-window.js";
import type { CaptureImporter, Evidence } from "../importers/importer.js";
import { maxRecordBytes, scanValue, textOf } from "../importers/json-value.js";

export type RawRecord =
  /** The record whole, with its header. */
  | { readonly kind: "packet"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "json"; readonly offset: number; readonly value: unknown }
  | { readonly kind: "line"; readonly offset: number; readonly text: string };

const newline = 0x0a;
const recordHeadBytes = 24;
/** Longer lines are cut: they are no text. */
const maxLineBytes = 1024 * 1024;

/** Null where there is none, or where the place of a record that is no packet is not known. */
export async function rawRecord(
  evidence: Evidence,
  { record, offset }: { readonly record: number; readonly offset: number | null },
): Promise<RawRecord | null> {
  const capture = captureImporterFor(evidence.head);
  const place = capture === null ? offset : await offsetOfFrame(capture, evidence, record);
  if (place === null) return null;
  const window = new ByteWindow(evidence.content());
  try {
    window.skip(place);
    await window.fill(1);
    if (window.available === 0) return null;
    return capture === null ? await recordAt(window) : await packetAt(window, capture, evidence.head);
  } finally {
    await window.close();
  }
}

/** The importer itself finds the frame, and is told that the log holds all others. */
async function offsetOfFrame(capture: CaptureImporter, evidence: Evidence, wanted: number): Promise<number | null> {
  const isStored = (_: string, frame: number) => frame !== wanted;
  const context = { place: null, isStored, now: systemClock };
  for await (const item of capture.read(evidence, context)) if (item.kind === "packets") return item.offset;
  return null;
}

async function packetAt(window: ByteWindow, capture: CaptureImporter, head: Uint8Array): Promise<RawRecord | null> {
  const { offset } = window;
  await window.fill(recordHeadBytes);
  const needed = capture.recordBytes(head, window.bytes.subarray(window.at, window.end));
  if (needed === null || (await window.fill(needed)) === "ended") return null;
  return { kind: "packet", offset, bytes: window.bytes.slice(window.at, window.at + needed) };
}

async function recordAt(window: ByteWindow): Promise<RawRecord> {
  const { offset } = window;
  for (let ended = false; ; ) {
    const { bytes, at, end } = window;
    const scanned = scanValue(bytes, { start: at, end, seeksWrapper: false });
    if (scanned.kind === "whole") {
      const value = parsed(textOf(bytes, at, at + scanned.length));
      if (value !== undefined) return { kind: "json", offset, value };
    }
    if (scanned.kind !== "unfinished" || ended || end - at > maxRecordBytes) return lineAt(window);
    ended = (await window.fill(window.available * 2)) === "ended";
  }
}

async function lineAt(window: ByteWindow): Promise<RawRecord> {
  const { offset } = window;
  await window.fill(maxLineBytes);
  const { bytes, at, end } = window;
  const found = bytes.subarray(at, end).indexOf(newline);
  return { kind: "line", offset, text: textOf(bytes, at, found < 0 ? end : at + found).replace(/\r$/, "") };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
