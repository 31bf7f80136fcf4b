// When connections of one place are over: Zeek's timers, which fire when a packet moves the time on (Session.cc,
// TCPSessionAdapter.cc; values of init-bare.zeek and base/protocols/conn/inactivity.zeek).

import { type Micros, microsPerHour, microsPerMinute, microsPerSecond } from "../time.js";
import { unreachable } from "../unreachable.js";
import { type Connection, responderOf } from "./connection.js";
import { isLikelyServerPort } from "./likely-server-port.js";
import { type Consequences, sessionTimerMicros, type TimerKind } from "./tcp-close.js";
import { type Timer, TimerQueue } from "./timer-queue.js";

type ConnectionTimer = Timer & {
  readonly connection: Connection;
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
    timer: (connection, kind, delayMicros) => this.#add(connection, kind, connection.lastTime + delayMicros),
    cancelTimers: (connection) => void connection.timers++,
    inactivity: (connection, micros) => this.#setInactivity(connection, micros),
    established: (connection) => {
      if (interactivePorts.has(servicePort(connection))) this.#setInactivity(connection, microsPerHour);
    },
  };

  constructor(private readonly remove: (connection: Connection) => void) {}

  opened(connection: Connection): void {
    this.#setInactivity(connection, inactivityMicros);
    if (connection.tcp !== null) this.#add(connection, "expire", this.#now + firstLookMicros);
  }

  /** Time never goes back. */
  advance(time: Micros): void {
    this.#now = Math.max(this.#now, time);
    for (let timer = this.#queue.next; timer !== undefined && timer.time <= this.#now; timer = this.#queue.next) {
      this.#queue.remove();
      if (!isVoid(timer)) this.#fire(timer);
    }
  }

  #setInactivity(connection: Connection, micros: number): void {
    if (connection.inactivityMicros === micros) return;
    connection.inactivityMicros = micros;
    connection.inactivityTimer++;
    this.#add(connection, "inactivity", connection.lastTime + micros);
  }

  #add(connection: Connection, kind: TimerKind, time: number): void {
    const era = kind === "inactivity" ? connection.inactivityTimer : connection.timers;
    this.#queue.add({ time, order: this.#order++, connection, kind, era });
  }

  #fire({ connection, kind }: ConnectionTimer): void {
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
    const due = connection.lastTime + connection.inactivityMicros;
    if (due <= this.#now) this.remove(connection);
    else this.#add(connection, "inactivity", due);
  }

  #look(connection: Connection): void {
    if (!connection.tcp!.isActive) return;
    if (connection.lastTime + lingerMicros < this.#now && isOver(connection)) this.remove(connection);
    else this.#add(connection, "expire", this.#now + sessionTimerMicros);
  }
}

function isVoid({ connection, kind, era }: ConnectionTimer): boolean {
  return connection.removed || era !== (kind === "inactivity" ? connection.inactivityTimer : connection.timers);
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
