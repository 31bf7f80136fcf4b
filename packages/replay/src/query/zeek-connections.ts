// Connections as Zeek would log them of the same packets, whatever the rules said to them, and beside them those that a
// Zeek logged itself.

import {
  ConnectionTracker,
  equalAddresses,
  interfaceOfPlace,
  type Micros,
  type Position,
  type ZeekConnection,
} from "@conntrail/engine";
import { trafficInFileOrder } from "@conntrail/store";
import type { Case } from "../case.js";
import { type Endpoint, readEndpoint } from "./endpoint.js";
import type { FlowsQuestion } from "./flows.js";
import { type LoggedConnection, type ReportedConnection, reportedConnections } from "./reported-connections.js";

export type ZeekQuestion = FlowsQuestion & {
  readonly knownAt: Position | null;
  /** As Zeek's `-C`. */
  readonly ignoreChecksums: boolean;
};

export type ConnectionLine =
  /** By ourselves, from packets. */
  | { readonly kind: "tracked"; readonly connection: ZeekConnection }
  | { readonly kind: "reported"; readonly connection: ReportedConnection };

/** So many at a time. */
const linesAtOnce = 1024;

/** Hands out connections in the order in which Zeek would write them, and waits for `write` before it reads on. */
export async function zeekConnections(
  kase: Case,
  question: ZeekQuestion,
  write: (lines: readonly ConnectionLine[]) => Promise<void>,
): Promise<void> {
  const fits = filterOf(question);
  let ready: ConnectionLine[] = [];
  for await (const line of inOrder(trackedConnections(kase, question), reportedConnections(kase, question.knownAt))) {
    if (!fits(line)) continue;
    ready.push(line);
    if (ready.length < linesAtOnce) continue;
    await write(ready);
    ready = [];
  }
  if (ready.length > 0) await write(ready);
}

type Closed<C> = { readonly closedAt: number; readonly connection: C };

/** In the order in which they were over, each kind in its own. */
async function* inOrder(
  tracked: AsyncGenerator<Closed<ZeekConnection>>,
  reported: AsyncGenerator<LoggedConnection>,
): AsyncGenerator<ConnectionLine> {
  let own = await tracked.next();
  let other = await reported.next();
  while (own.done !== true || other.done !== true) {
    if (other.done === true || (own.done !== true && own.value.closedAt <= other.value.closedAt)) {
      yield { kind: "tracked", connection: own.value!.connection };
      own = await tracked.next();
    } else {
      yield { kind: "reported", connection: other.value.connection };
      other = await reported.next();
    }
  }
}

async function* trackedConnections(
  { log, views }: Case,
  { ignoreChecksums, knownAt }: ZeekQuestion,
): AsyncGenerator<Closed<ZeekConnection>> {
  let ready: ZeekConnection[] = [];
  let closedAt = Number.NEGATIVE_INFINITY;
  const tracker = new ConnectionTracker({ ignoreChecksums, onConnection: (connection) => void ready.push(connection) });
  function* closed() {
    for (const connection of ready) {
      closedAt = Math.max(closedAt, lastTimeOf(connection));
      yield { closedAt, connection };
    }
    ready = [];
  }
  for await (const traffic of trafficInFileOrder(log, views, knownAt)) {
    tracker.push(traffic);
    yield* closed();
  }
  tracker.finish();
  yield* closed();
}

function lastTimeOf({ time, duration }: ZeekConnection): Micros {
  return (time + Math.max(0, duration)) as Micros;
}

/** `interface` is here the name that the user gave to the place of capture. */
function filterOf(question: ZeekQuestion): (line: ConnectionLine) => boolean {
  const from = question.from === null ? null : readEndpoint(question.from);
  const to = question.to === null ? null : readEndpoint(question.to);
  const place = question.interface?.toLowerCase() ?? null;
  return (line) => {
    const { connection } = line;
    const lastTime = line.kind === "tracked" ? lastTimeOf(line.connection) : line.connection.lastTime;
    return (
      isWithin(connection.time, lastTime, question) &&
      isAt(connection, connection.originator, from) &&
      isAt(connection, connection.responder, to) &&
      (place === null || interfaceOfPlace(connection.place)?.toLowerCase() === place)
    );
  };
}

function isWithin(time: Micros, last: Micros, { at, since, until }: ZeekQuestion): boolean {
  return (
    (since === null || last >= since) && (until === null || time < until) && (at === null || (time <= at && at <= last))
  );
}

type Connection = ConnectionLine["connection"];

function isAt({ protocol }: Connection, end: Connection["originator"], endpoint: Endpoint | null): boolean {
  if (endpoint === null) return true;
  return (
    equalAddresses(endpoint.address, end.address) &&
    (endpoint.port === null || endpoint.port === end.port) &&
    (endpoint.protocol === null || endpoint.protocol === protocol)
  );
}
