// One record of a JSON file with what is known of where it stands, and how an importer says what it holds.

import type { Actor, ControlFact, Micros } from "@conntrail/engine";
import type { Draft, Evidence, ImportContext, Imported, Problem, ProblemKind } from "./importer.js";
import { asObject, type JsonObject } from "./json-field.js";
import { type JsonRecord, readJsonRecords } from "./json-records.js";
import { unwrapped } from "./wrapped-records.js";

export type EvidenceRecord<C = ImportContext> = {
  /** From 1, through the whole file. */
  readonly number: number;
  /** Where it begins in the content, or the JSON value that it was unfolded from. */
  readonly offset: number;
  readonly value: JsonObject;
  readonly context: C;
};

export type RecordPlace<C = ImportContext> = Omit<EvidenceRecord<C>, "value">;

export type JsonFormat<C = ImportContext> = {
  /** The records inside one JSON value of the file; where it is a record itself, that alone. */
  unfold(value: unknown): Iterable<unknown>;
  read(record: EvidenceRecord<C>): Iterable<Imported>;
  /** What can be said only once all records are known. */
  finish(): Iterable<Imported>;
};

export async function* readJsonEvidence<C>(
  evidence: Evidence,
  context: C,
  format: JsonFormat<C>,
): AsyncIterable<Imported> {
  let number = 0;
  for await (const read of readJsonRecords(evidence.content())) {
    const { offset } = read;
    if (read.kind !== "record") yield unreadJson(read, number);
    if (read.kind === "problem") number++;
    if (read.kind === "record") {
      for (const value of unwrapped(read.value).flatMap((inner) => [...format.unfold(inner)])) {
        yield* readValue(value, { number: ++number, offset, context }, format);
      }
    }
  }
  yield* format.finish();
  yield { kind: "records", count: number, stored: 0 };
}

/** What is told of JSON that gave no record; `before` so many came before. */
export function unreadJson(read: Exclude<JsonRecord, { kind: "record" }>, before: number): Imported {
  const { offset, message } = read;
  return read.kind === "problem"
    ? problemOf({ number: before + 1, offset }, read.problem, message)
    : { kind: "problem", problem: { kind: "cut-off", record: before === 0 ? null : before, offset, message } };
}

function* readValue<C>(value: unknown, place: RecordPlace<C>, format: JsonFormat<C>): Iterable<Imported> {
  const object = asObject(value);
  if (object === null) yield problemOf(place, "malformed", "the record is no JSON object");
  else yield* format.read({ ...place, value: object });
}

/** When and by whom; left out: seen when the evidence was taken. */
export type Occasion = { readonly time: Micros; readonly actor: Actor | null };

export function eventOf({ number, offset, context }: RecordPlace, fact: ControlFact, occasion?: Occasion): Imported {
  const { time, actor } = occasion ?? { time: context.taken.time, actor: null };
  const source = { sha256: context.sha256, record: number, offset };
  return { kind: "event", event: { ...fact, time, lastTime: time, source, actor } satisfies Draft };
}

export function problemOf(
  { number, offset }: Pick<EvidenceRecord, "number" | "offset">,
  kind: ProblemKind,
  message: string,
): { readonly kind: "problem"; readonly problem: Problem } {
  return { kind: "problem", problem: { kind, record: number, offset, message } };
}

export function problemsOf(
  record: Pick<EvidenceRecord, "number" | "offset">,
  kind: ProblemKind,
  messages: readonly string[],
): Imported[] {
  return messages.map((message) => problemOf(record, kind, message));
}

export function noteOf(message: string): Imported {
  return { kind: "note", message };
}
