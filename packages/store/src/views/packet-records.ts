// Flow records of packets, found by the ends of a connection: what a report that the rules don't explain may have been let
// through by.

import { type Derivation, type FlowId, formatAddress, microsPerSecond, type Sighting } from "@conntrail/engine";
import type Database from "better-sqlite3";
import type { Views } from "./views.js";

/** Logs of clouds tell whole seconds. */
const slackMicros = microsPerSecond;

export class PacketRecords {
  #statement: Database.Statement | null = null;

  constructor(private readonly views: Views) {}

  /** One that was live at the interface at the report's instant, opened before it; null: none is known. */
  liveBefore({ tuple, time }: Sighting, { stand }: Derivation): FlowId | null {
    if (stand === null) return null;
    this.#statement ??= this.#prepare();
    const { protocol, sourcePort, destinationPort } = tuple;
    const [source, destination] = [formatAddress(tuple.source), formatAddress(tuple.destination)];
    const ends = { source, destination, sourcePort, destinationPort, protocol };
    const at = { interface: stand.place.id, opened: time, ends: time - slackMicros };
    const found = this.#statement.get({ ...ends, ...at }) as { readonly id: FlowId } | undefined;
    return found?.id ?? null;
  }

  close(): void {
    if (this.#statement !== null) this.views.database.exec("drop index flow_by_ends");
  }

  /** The index is made where it is needed, which is seldom, and is not kept up with every packet. */
  #prepare(): Database.Statement {
    this.views.database.exec("create index flow_by_ends on flow_row (source, destination)");
    return this.views.database.prepare(`
      select id from flow_record
      where ((source = @source and destination = @destination and source_port = @sourcePort and destination_port = @destinationPort)
          or (source = @destination and destination = @source and source_port = @destinationPort and destination_port = @sourcePort))
        and protocol = @protocol and interface = @interface and decision = 'allow'
        and opened_at < @opened and ends_at > @ends
      order by opened_at, id limit 1`);
  }
}
