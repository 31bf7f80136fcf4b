// What the views tell of coverage: when each sensor reported, when each interface and place was seen, who else saw an
// address, and how often the same connection was opened before several witnesses.

import type { Micros, Position } from "@conntrail/engine";
import { type RawBuilder, sql } from "kysely";
import type { SensorHourTable, SkippedWindowTable } from "./reported-schema.js";
import { standing } from "./retraction-index.js";
import { queryAll, type Views } from "./views.js";

export type SeenSpan = { readonly first: Micros; readonly last: Micros };

/** One by one, since a month of a large network has hundreds of thousands. */
export function* sensorHours(views: Views): Iterable<SensorHourTable> {
  const { sql, parameters } = views.kysely.selectFrom("sensor_hour").selectAll().compile();
  yield* views.database.prepare(sql).iterate(...parameters) as Iterable<SensorHourTable>;
}

/** By sensor, then time. */
export function skippedWindows(views: Views): SkippedWindowTable[] {
  return queryAll(views, views.kysely.selectFrom("skipped_window").selectAll().orderBy("sensor").orderBy("first"));
}

/** When packets of each interface were captured, minute by minute, as a span; ids as the views have them. */
export function capturedInterfaces(views: Views): (SeenSpan & { readonly interface: string })[] {
  return rows(
    views,
    sql`select interface, min(minute) as first, max(minute) as last from traffic_row where interface <> ''
      group by interface order by interface`,
  );
}

/** When flows of each interface were reported, as a span. */
export function reportedInterfaces(views: Views): (SeenSpan & { readonly interface: string })[] {
  return rows(
    views,
    sql`select interface, min(first) as first, max(last) as last from (
        select interface, opened_at as first, last_seen as last from reported_flow where interface is not null
        union all select interface, first, last from reported_denied where interface <> ''
      ) group by interface order by interface`,
  );
}

export type CaptureSpan = SeenSpan & { readonly place: string; readonly sha256: string };

/** Sources of packets at each place, up to a position, those taken back left out. */
export function captureSpans(views: Views, knownAt: Position | null): CaptureSpan[] {
  const known = knownAt === null ? sql`` : sql`and position <= ${knownAt}`;
  return rows(
    views,
    sql`select place, sha256, min(first_time) as first, max(last_time) as last from batch
      where ${standing("batch", knownAt)} ${known} group by place, sha256 order by place, first, sha256`,
  );
}

/** Sources of reports, likewise. */
export function reportSpans(views: Views, knownAt: Position | null): (SeenSpan & { readonly sha256: string })[] {
  const known = knownAt === null ? sql`` : sql`and position <= ${knownAt}`;
  return rows(
    views,
    sql`select sha256, min(first_time) as first, max(last_time) as last from report_batch
      where ${standing("report_batch", knownAt)} ${known} group by sha256 order by first, sha256`,
  );
}

export type WitnessedHour = { readonly hour: number; readonly sensor: string; readonly address: string };

/** Sensors, as the views write them, at all of whose flows no interface is known. */
export function unplacedSensors(views: Views): string[] {
  const query = sql`select sensor from reported_circumstance group by sensor having max(interface) is null order by sensor`;
  return rows<{ sensor: string }>(views, query).map(({ sensor }) => sensor);
}

/** Places of capture at all of whose packets no interface is known, and when. */
export function unplacedCaptures(views: Views): (SeenSpan & { readonly place: string })[] {
  return rows(
    views,
    sql`select place, min(minute) as first, max(minute) as last from traffic_row
      group by place having max(interface) = '' order by place`,
  );
}

export type AddressesIn = SeenSpan & { readonly addresses: readonly string[]; readonly hourMicros: number };

/** Hours in which sensors saw connections of the addresses and let them pass; all as the views write it. */
export function witnessedHours(views: Views, { first, last, addresses, hourMicros }: AddressesIn): WitnessedHour[] {
  const asked = sql`(select value from json_each(${JSON.stringify(addresses)}))`;
  const ofEnd = (end: "source" | "destination") =>
    sql`select ${sql.ref(end)} as address, sensor, opened_at - opened_at % ${hourMicros} as hour from reported_flow
      where ${sql.ref(end)} in ${asked} and opened_at >= ${first} and opened_at <= ${last}
      and coalesce(verdict, 'allow') = 'allow'`;
  return rows(views, sql`${ofEnd("source")} union ${ofEnd("destination")}`);
}

export type CapturedHour = { readonly hour: number; readonly interface: string };

export function capturedHours(views: Views, { first, last }: SeenSpan, hourMicros: number): CapturedHour[] {
  return rows(
    views,
    sql`select distinct interface, minute - minute % ${hourMicros} as hour from traffic_row
      where interface <> '' and minute >= ${first} and minute <= ${last}`,
  );
}

/** Whether packets of the interface were captured in the span. */
export function isCaptured(views: Views, id: string, { first, last }: SeenSpan): boolean {
  const found = rows(
    views,
    sql`select 1 from traffic_row where interface = ${id} and minute >= ${first} and minute <= ${last} limit 1`,
  );
  return found.length > 0;
}

export type WitnessKind = "sensor" | "capture";

/** An opening before one witness; `witness` is a sensor as the views write it, or a place of capture. */
export type WitnessedOpening = {
  readonly connection: string;
  readonly witness: string;
  readonly is: WitnessKind;
  readonly opened: Micros;
};

/** More openings than this don't change a median. */
const openingsTaken = 50_000;

/**
 * Openings of TCP and UDP connections before each witness; of many those whose source port is a multiple, so that what is
 * taken before one witness is taken before all.
 */
export function* witnessedOpenings(views: Views): Iterable<WitnessedOpening> {
  const [{ count }] = rows<{ count: number }>(
    views,
    sql`select (select count(*) from reported_flow) + (select count(*) from flow_row) as count`,
  ) as [{ count: number }];
  const step = Math.max(1, Math.ceil(count / openingsTaken));
  const ends = sql`protocol || ' ' || source || ' ' || source_port || ' ' || destination || ' ' || destination_port`;
  const taken = sql`protocol in (6, 17) and source_port % ${step} = 0`;
  yield* each<WitnessedOpening>(
    views,
    sql`select ${ends} as connection, sensor as witness, 'sensor' as "is", opened_at as opened from reported_flow
      where opening_told = 1 and ${taken}
      union all select ${ends}, place, 'capture', min(opened_at) from flow_record
      where mid_stream = 0 and ${taken} group by place, ${ends}, opened_at`,
  );
}

function rows<Row>(views: Views, query: RawBuilder<unknown>): Row[] {
  return [...each<Row>(views, query)];
}

function* each<Row>(views: Views, query: RawBuilder<unknown>): Iterable<Row> {
  const compiled = query.compile(views.kysely);
  yield* views.database.prepare(compiled.sql).iterate(...compiled.parameters) as Iterable<Row>;
}
