// When connections of one place are over: Zeek's timers, which fire when a packet moves the time on (Session.cc,
// TCPSessionAdapter.cc; values of init-bare.zeek and base/protocols/conn/inactivity.zeek).

import { type Micros, microsPerHour, microsPerMinute, microsPerSecond } from "../time.js";
import { type Timer, TimerQueue } from "../timer-queue.js";
import { unreachable } from "../unreachable.js";
import { type Connection, responderOf } from "./connection.js";
import { isLikelyServerPort } from "./likely-server-port.js";
import { type Consequences, sessionTimerMicros, type TimerKind } from "./tcp-close.js";

type ConnectionTimer = Timer & {
  /** Null where the connection is gone. */
  connection: Connection | null;
  readonly kind: TimerKind;
  /** Void where the connection's timers were cancelled since. */
  readonly era: number;
};

const firstLookMicros = 5 * microsPerSecond;
const lingerMicros = 5 * microsPerSecond;
const inactivityMicros = microsPerMinute;
/** FTP, SSH, telnet and rlogin rest for long. */
const interactivePorts = new Set([21, 22, 23, 513]);

export class ConnectionTimers {
  readonly #queue = new TimerQueue<ConnectionTimer>();
  #order = 0;
  #now = Number.NEGATIVE_INFINITY;

  /** What a segment does to timers. */
  readonly consequences: Consequences = {
    timer: (connection, kind, delayMicros) => void this.#add(connection, kind, connection.lastTime + delayMicros),
    cancelTimers: (connection) => void connection.timers++,
    inactivity: (connection, micros) => {
      connection.inactivityMicros = micros;
    },
    established: (connection) => {
      if (interactivePorts.has(servicePort(connection))) connection.inactivityMicros = microsPerHour;
    },
  };

  constructor(private readonly remove: (connection: Connection) => void) {}

  opened(connection: Connection): void {
    connection.inactivityMicros = inactivityMicros;
    this.#waitForRest(connection);
    if (connection.tcp !== null) this.#add(connection, "expire", this.#now + firstLookMicros);
  }

  removed({ restTimer }: Connection): void {
    if (restTimer !== null) restTimer.connection = null;
  }

  /** Time never goes back. */
  advance(time: Micros): void {
    this.#now = Math.max(this.#now, time);
    for (let timer = this.#queue.next; timer !== undefined && timer.time <= this.#now; timer = this.#queue.next) {
      this.#queue.remove();
      if (timer.connection !== null && !isVoid(timer, timer.connection)) this.#fire(timer.kind, timer.connection);
    }
  }

  /** One timer is enough: when it fires, it asks for the time that holds by then. */
  #waitForRest(connection: Connection): void {
    connection.restTimer = this.#add(connection, "inactivity", connection.lastTime + connection.inactivityMicros);
  }

  #add(connection: Connection, kind: TimerKind, time: number): ConnectionTimer {
    const timer = { time, order: this.#order++, connection, kind, era: connection.timers };
    this.#queue.add(timer);
    return timer;
  }

  #fire(kind: TimerKind, connection: Connection): void {
    switch (kind) {
      case "delete":
        this.remove(connection);
        break;
      case "attempt":
        if (isUnanswered(connection)) this.remove(connection);
        break;
      case "expire":
        this.#look(connection);
        break;
      case "inactivity":
        this.#lookForRest(connection);
        break;
      default:
        unreachable(kind);
    }
  }

  #lookForRest(connection: Connection): void {
    if (connection.lastTime + connection.inactivityMicros <= this.#now) this.remove(connection);
    else this.#waitForRest(connection);
  }

  #look(connection: Connection): void {
    if (!connection.tcp!.isActive) return;
    if (connection.lastTime + lingerMicros < this.#now && isOver(connection)) this.remove(connection);
    else this.#add(connection, "expire", this.#now + sessionTimerMicros);
  }
}

function isVoid({ kind, era }: ConnectionTimer, { removed, timers }: Connection): boolean {
  return removed || (kind !== "inactivity" && era !== timers);
}

function isUnanswered(connection: Connection): boolean {
  const { endpoints, isActive } = connection.tcp!;
  const { state } = endpoints[connection.originator];
  const isAttempt = state === "syn-sent" || state === "syn-ack-sent";
  return isActive && isAttempt && endpoints[responderOf(connection)].state === "inactive";
}

/** An end closed, and the other one did too, or was reset, or never said anything; or nothing ever happened. */
function isOver(connection: Connection): boolean {
  const { endpoints } = connection.tcp!;
  const some = (test: (endpoint: (typeof endpoints)[number]) => boolean) => test(endpoints[0]) || test(endpoints[1]);
  if (endpoints.every(({ state }) => state === "inactive")) return true;
  if (!some(({ didClose }) => didClose)) return false;
  return endpoints.every(({ didClose }) => didClose) || some(({ state }) => state === "reset" || state === "inactive");
}

/** The responder's; of a connection without the originator's SYN the originator's where that is the better known. */
function servicePort({ ports, originator, tcp, protocol }: Connection): number {
  const responders = ports[originator === 0 ? 1 : 0];
  if (tcp!.endpoints[originator].state !== "inactive" || isLikelyServerPort(protocol, responders)) return responders;
  return isLikelyServerPort(protocol, ports[originator]) ? ports[originator] : responders;
}
