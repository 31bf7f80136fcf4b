// An experiment under way: sends datagrams through the lab, edits groups, and keeps what happened and when.

import type { Micros } from "@conntrail/engine";
import type { Clock } from "./clock.js";
import type { Datagram } from "./datagram.js";
import type { Lab } from "./lab.js";
import { machineOf } from "./network.js";
import { type Gates, rulesOf } from "./nft-ruleset.js";
import { applied, type Edit, type Group } from "./security-group.js";

export type Judgement = {
  readonly interface: string;
  readonly direction: "inbound" | "outbound";
  readonly verdict: "allow" | "deny";
};

export type SentFrame = {
  readonly time: Micros;
  /** By then the kernel had judged it. */
  readonly judgedBy: Micros;
  readonly bytes: Uint8Array;
  readonly datagram: Datagram;
  readonly judgements: readonly Judgement[];
};

export type TimedEdit = { readonly edit: Edit; readonly time: Micros };

/** What a run begins with: the groups as they are then, and the gates of each machine. */
export type Setting = { readonly groups: readonly Group[]; readonly gates: readonly Gates[] };

export class Run {
  readonly frames: SentFrame[] = [];
  readonly edits: TimedEdit[] = [];
  readonly begins: Micros;
  readonly #groups: Map<string, Group>;

  constructor(
    private readonly lab: Lab,
    readonly setting: Setting,
    readonly clock: Clock,
  ) {
    this.#groups = new Map(setting.groups.map((group) => [group.name, group]));
    this.begins = clock.next();
  }

  /** As they are now. */
  get groups(): Group[] {
    return [...this.#groups.values()];
  }

  edit(edit: Edit): void {
    const after = applied(this.#groups.get(edit.group)!, edit);
    this.#groups.set(edit.group, after);
    this.setting.gates.forEach((gates, index) => {
      if (stands(gates, edit.group)) this.lab.load(index, rulesOf(after));
    });
    this.edits.push({ edit, time: this.clock.next() });
  }

  /** Outbound at the sender's interface, then, unless stopped there, inbound at the receiver's. Whether it arrived. */
  send(datagram: Datagram): boolean {
    const times = datagram.packets.map(() => this.clock.next());
    const judgements: Judgement[] = [];
    for (const direction of ["outbound", "inbound"] as const) {
      const machine = machineOf(direction === "outbound" ? datagram.source : datagram.destination);
      if (machine === null || judgements.at(-1)?.verdict === "deny") continue;
      const passed = this.lab.passes(machine, direction, datagram);
      judgements.push({ interface: machine.interface, direction, verdict: passed ? "allow" : "deny" });
    }
    const judgedBy = this.clock.next();
    datagram.packets.forEach((bytes, index) => {
      this.frames.push({ time: times[index]!, judgedBy, bytes, datagram, judgements });
    });
    return judgements.at(-1)?.verdict === "allow";
  }
}

function stands({ subnet, interface: own }: Gates, name: string): boolean {
  return subnet?.name === name || own?.name === name;
}

/** The same for both ways. */
export function endsOf({ datagram: { source, destination } }: SentFrame): string {
  return [source, destination].sort().join(" ");
}
