// What the oracle knows of each platform's flow records, in seconds (DOMAIN 2.3 to 2.5, 5), and what the resources of a
// small world say themselves.

import type { World, WorldInterface } from "./small-world.js";
import { settingAt, stateAt } from "./world-state.js";

export type OracleSemantics = {
  readonly stateless: boolean;
  readonly tcpState: boolean;
  readonly flushes: boolean;
  readonly linux: boolean;
  readonly tcp: { readonly [state: string]: number };
  /** Before and after an exchange. */
  readonly udp: readonly [number, number];
  readonly udpExchange: "reply" | "two each way" | "reply after two seconds";
  readonly icmp: number;
  readonly other: number;
};

const linuxTcp = {
  SYN_SENT: 120,
  SYN_RECV: 60,
  ESTABLISHED: 432_000,
  FIN_WAIT: 120,
  CLOSE_WAIT: 60,
  LAST_ACK: 30,
  TIME_WAIT: 120,
  CLOSE: 10,
  SYN_SENT2: 120,
};
const lingering = { TIME_WAIT: 15, CLOSE: 15 };

const azure: OracleSemantics = {
  stateless: false,
  tcpState: true,
  flushes: false,
  linux: false,
  tcp: everyState(240),
  udp: [240, 240],
  udpExchange: "reply",
  icmp: 240,
  other: 240,
};

const aws: OracleSemantics = {
  ...azure,
  tcp: { ...linuxTcp, ...lingering },
  udp: [30, 180],
  udpExchange: "two each way",
  icmp: 30,
  other: 600,
};

const linux: OracleSemantics = {
  ...azure,
  linux: true,
  tcp: linuxTcp,
  udp: [30, 120],
  udpExchange: "reply after two seconds",
  icmp: 30,
  other: 600,
};

const named: { readonly [name: string]: OracleSemantics } = {
  azure,
  "azure-flush": { ...azure, flushes: true },
  aws,
  linux,
  packet: { ...azure, stateless: true },
};

/** Name null: what the resources say at this instant. */
export function semanticsOf(name: string | null, world: World, nic: WorldInterface | null, time: number) {
  if (name !== null) return named[name]!;
  if (nic === null) return azure;
  return world.platform === "aws" ? awsAt(world, nic.name, time) : azureAt(world, nic, time);
}

/** In a subnet that no network shows, nobody knows the network's timeout. */
function azureAt(world: World, nic: WorldInterface, time: number): OracleSemantics {
  const shown = stateAt(nic, time).subnet in world.subnets;
  const minutes = shown ? settingAt(world, "vnet", "flowTimeoutMinutes", time) : null;
  const tcp = everyState(typeof minutes === "number" ? minutes * 60 : 240);
  return { ...azure, tcp, tcpState: settingAt(world, nic.name, "disableTcpStateTracking", time) !== true };
}

function awsAt(world: World, nic: string, time: number): OracleSemantics {
  const own = (setting: "tcpEstablishedSeconds" | "udpSeconds" | "udpStreamSeconds", byDefault: number) => {
    const value = settingAt(world, nic, setting, time);
    return typeof value === "number" ? value : byDefault;
  };
  const tcp = { ...aws.tcp, ESTABLISHED: own("tcpEstablishedSeconds", 432_000) };
  return { ...aws, tcp, udp: [own("udpSeconds", 30), own("udpStreamSeconds", 180)] };
}

function everyState(seconds: number): OracleSemantics["tcp"] {
  return { ...Object.fromEntries(Object.keys(linuxTcp).map((state) => [state, seconds])), ...lingering };
}
