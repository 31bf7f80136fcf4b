// One event of each type and schema version ever written, as it was stored. Files are added, and never changed.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NewEvent } from "@conntrail/engine";
import type { StoredEvent } from "@conntrail/store";

type FixtureEntry = {
  readonly stored: Omit<StoredEvent, "body"> & ({ readonly body: string } | { readonly bodyFile: string });
  /** What it must decode to; columns are the file's bytes. */
  readonly event: Pick<NewEvent, "actor" | "source" | "data">;
};

export type EventFixture = { readonly stored: StoredEvent; readonly event: FixtureEntry["event"] };

const directory = join(import.meta.dirname, "fixtures");

export const eventFixtures: readonly EventFixture[] = [
  "events-v1.json",
  "events-v1-network.json",
  "events-v1-changes.json",
  "events-v1-reports.json",
  "events-v2-imports.json",
  "events-v1-sources.json",
  "events-v1-gaps.json",
].flatMap(readFixtures);

function readFixtures(file: string): readonly EventFixture[] {
  return (JSON.parse(readFileSync(join(directory, file), "utf8")) as FixtureEntry[]).map(withBody);
}

function withBody({ stored, event }: FixtureEntry): EventFixture {
  if ("body" in stored) return { stored: { ...stored, body: new TextEncoder().encode(stored.body) }, event };
  const { bodyFile, ...rest } = stored;
  const columns = new Uint8Array(readFileSync(join(directory, bodyFile)));
  return { stored: { ...rest, body: columns }, event: { ...event, data: { ...event.data, columns } } as typeof event };
}
