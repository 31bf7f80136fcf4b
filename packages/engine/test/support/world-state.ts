// What stands in a small world at an instant, looked up plainly: the last thing that was said of it.

import type { Setting } from "../../src/index.js";
import type { World, WorldGroup, WorldInterface, WorldInterfaceState, WorldRule } from "./small-world.js";

/** As it was seen; edits of its groups and memberships apart. */
export function stateAt(nic: WorldInterface, time: number): WorldInterfaceState {
  return latest(nic.states, time) ?? nic.states[0]!;
}

export function groupsAt(world: World, nic: WorldInterface, time: number): readonly string[] {
  const edits = world.associations.filter(({ gate, target }) => gate === "interface" && target === nic.name);
  return latest([...nic.states, ...edits].sort(byTime), time)?.groups ?? nic.states[0]!.groups;
}

/** Null: nobody knows what stands there. On AWS its network ACL. */
export function edgeAt(world: World, subnet: string, time: number): readonly string[] | null {
  const edits = world.associations.filter(({ gate, target }) => gate !== "interface" && target === subnet);
  const edited = latest(edits, time);
  if (edited !== undefined) return edited.groups;
  if (!(subnet in world.subnets)) return null;
  const group = world.subnets[subnet]!;
  return group === null ? [] : [group];
}

export function membershipsAt(world: World, nic: WorldInterface, address: string, time: number): readonly string[] {
  const shown = nic.states.filter(({ addresses }) => addresses.includes(address));
  const edits = world.memberships.filter((edit) => edit.interface === nic.name && edit.address === address);
  const all = [...shown, ...edits].sort(byTime);
  return (latest(all, time) ?? all[0])?.applicationSecurityGroups ?? [];
}

/** Undefined: nobody ever set it. */
export function settingAt(world: World, resource: string, setting: Setting, time: number) {
  const own = world.settings.filter((edit) => edit.resource === resource && edit.setting === setting);
  return latest(own, time)?.value;
}

/** Before its first edition, it held what that shows; undefined: there is no such list. */
export function listAt(world: World, list: string, time: number): readonly string[] | undefined {
  const editions = world.lists.filter((edition) => edition.list === list);
  return (latest(editions, time) ?? editions[0])?.prefixes;
}

export function rulesAt({ rules, edits }: WorldGroup, time: number): WorldRule[] {
  let present = [...rules];
  for (const edit of edits) {
    if (edit.time > time) break;
    if (edit.kind === "replace") {
      present = [...edit.rules];
      continue;
    }
    const name = edit.kind === "put" ? edit.rule.name : edit.name;
    present = present.filter((rule) => rule.name !== name);
    if (edit.kind === "put") present.push(edit.rule);
  }
  return present;
}

function latest<T extends { readonly time: number }>(facts: readonly T[], time: number): T | undefined {
  return facts.findLast((fact) => fact.time <= time);
}

function byTime(a: { readonly time: number }, b: { readonly time: number }): number {
  return a.time - b.time;
}

/** The last `/` apart, in either family. */
export function within(address: string, prefix: string): boolean {
  const [base = "", bits] = prefix.split("/");
  if (address.includes(":") !== base.includes(":")) return false;
  const all = base.includes(":") ? 128 : 32;
  const shift = BigInt(all - Number(bits ?? all));
  return numberOf(address) >> shift === numberOf(base) >> shift;
}

function numberOf(address: string): bigint {
  if (!address.includes(":")) return address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = "", tail = ""] = address
    .split("::")
    .map((side) => side.split(":").filter((part) => part !== ""))
    .map((parts) => parts.join(":"));
  const [before, after] = [head, tail].map((side) => (side === "" ? [] : side.split(":")));
  const zeros = new Array<string>(8 - before!.length - after!.length).fill("0");
  return [...before!, ...zeros, ...after!].reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}
