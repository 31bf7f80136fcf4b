// A router in a network namespace of its own, between a machine and the network: nftables judges, conntrack remembers.
// What it decides is read off the wire: a packet came out on the other side, or it did not.

import { join } from "node:path";
import { bytesOf, etherTypeOf, ipv4, other, u16, u32 } from "../../../engine/test/support/frames.js";
import type { Datagram } from "./datagram.js";
import { isV6, strangers } from "./network.js";
import { markProtocol } from "./nft-ruleset.js";
import { run } from "./superuser.js";
import { pause, Tap } from "./tap.js";

export type Side = "machine" | "network";

const sides: readonly Side[] = ["machine", "network"];
const patienceMillis = 3000;
const ethernetBytes = 14;
const routerMac = bytesOf(2, 0, 0, 0, 0, 1);
const farMac = bytesOf(2, 0, 0, 0, 0, 2);

export class Router {
  readonly #taps: { readonly [side in Side]: Tap };
  #marks = 0;

  /** `addresses` lie behind the side `machine`, all others behind `network`. Device files are made in `devices`. */
  constructor(
    private readonly namespace: string,
    private readonly addresses: readonly string[],
    devices: string,
  ) {
    run("ip", ["netns", "add", namespace]);
    try {
      this.#taps = this.#wired((side) => join(devices, `${namespace}-${side}`));
    } catch (error) {
      run("ip", ["netns", "delete", namespace]);
      throw error;
    }
  }

  load(rules: string): void {
    this.#inside("nft", ["-f", "-"], rules);
  }

  /** Only once rules that need it are loaded does the namespace have a conntrack to set. */
  setConntrack(settings: readonly string[]): void {
    this.#inside("sysctl", ["-qw", ...settings.map((setting) => `net.netfilter.nf_conntrack_${setting}`)]);
  }

  forgetFlows(): void {
    this.#inside("conntrack", ["-F"]);
  }

  /** Sends a datagram in at one side; whether it came out at the other. A mark behind it says when to stop looking. */
  passes(datagram: Datagram, from: Side): boolean {
    const out = this.#taps[from === "machine" ? "network" : "machine"];
    for (const side of sides) while (this.#taps[side].receive() !== null);
    for (const packet of datagram.packets) this.#send(packet, from);
    const mark = this.#nextMark(from);
    this.#send(mark, from);
    const wanted = endsOf(datagram.packets[0]!);
    let passed = false;
    for (const packet of arrivals(out, endsOf(mark))) passed ||= endsOf(packet) === wanted;
    return passed;
  }

  close(): void {
    for (const side of sides) this.#taps[side].close();
    run("ip", ["netns", "delete", this.namespace]);
  }

  #wired(device: (side: Side) => string): { readonly [side in Side]: Tap } {
    this.#inside("sysctl", ["-qw", ...forwarding]);
    this.#inside("ip", ["link", "set", "lo", "up"]);
    for (const side of sides) this.#inside("sh", ["-ec", wire, side, device(side)]);
    for (const address of this.addresses) this.#route(address, "machine");
    for (const all of ["0.0.0.0/0", "::/0"]) this.#route(all, "network");
    return { machine: new Tap(device("machine")), network: new Tap(device("network")) };
  }

  #send(packet: Uint8Array, from: Side): void {
    this.#taps[from].send(bytesOf(routerMac, farMac, u16(etherTypeOf(packet)), packet));
  }

  /** Marks differ in their identification, which `endsOf` tells apart. */
  #nextMark(from: Side): Uint8Array {
    const [inside, outside] = [this.addresses[0]!, strangers[0]!];
    const [source, destination] = from === "machine" ? [inside, outside] : [outside, inside];
    this.#marks = (this.#marks + 1) & 0xffff;
    return ipv4({ source, destination }, other(markProtocol, u32(0)), { id: this.#marks });
  }

  #route(prefix: string, side: Side): void {
    const gateway = isV6(prefix) ? "fe80::1" : "192.0.2.1";
    const mac = Array.from(farMac, (byte) => byte.toString(16).padStart(2, "0")).join(":");
    const ip = (...args: string[]) => run("ip", ["-n", this.namespace, ...args]);
    ip("neigh", "replace", gateway, "lladdr", mac, "dev", side, "nud", "permanent");
    ip(isV6(prefix) ? "-6" : "-4", "route", "add", prefix, "via", gateway, "dev", side, "onlink");
  }

  #inside(command: string, args: readonly string[], input = ""): string {
    return run("ip", ["netns", "exec", this.namespace, command, ...args], input);
  }
}

/** Nothing of its own may the router say, and all that is not its own it forwards. */
const forwarding = [
  ...["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", "net.ipv6.conf.default.accept_dad=0"],
  ...["net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0"],
  ...["net.ipv4.conf.all.send_redirects=0", "net.ipv4.conf.default.send_redirects=0"],
];

/**
 * $0: the side, $1: the device file. The file is made by hand, because /dev/tapN is named by an interface index that
 * other namespaces use too. One processor receives all, so that packets and their marks stay in order.
 */
const wire = `
  ip link add "$0" address 02:00:00:00:00:01 type veth peer name "$0-end"
  ip link add link "$0-end" name "$0-tap" type macvtap mode passthru
  for device in "$0" "$0-end" "$0-tap"; do ip link set "$device" addrgenmode none up; done
  echo 1 > "/sys/class/net/$0/queues/rx-0/rps_cpus"
  mknod "$1" c $(cat /sys/class/net/"$0-tap"/tap*/dev | tr : ' ')`;

/** All packets that arrive before the mark; that the mark itself is lost is an error of the experiment. */
function* arrivals(tap: Tap, mark: string): Generator<Uint8Array> {
  const until = performance.now() + patienceMillis;
  while (performance.now() < until) {
    const frame = tap.receive();
    if (frame === null) {
      pause(0.05);
      continue;
    }
    const packet = frame.subarray(ethernetBytes);
    if (endsOf(packet) === mark) return;
    yield packet;
  }
  throw new Error("the router lost a mark");
}

/** What of a packet neither forwarding nor fragmenting changes, as a text. */
function endsOf(packet: Uint8Array): string {
  const v4 = packet[0]! >> 4 === 4;
  const parts = v4
    ? [packet.subarray(4, 6), packet.subarray(9, 10), packet.subarray(12, 20)]
    : [packet.subarray(8, 40)];
  return parts.map((part) => Buffer.from(part).toString("hex")).join(" ");
}
