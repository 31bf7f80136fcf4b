// Every public file of resources and calls, held against a plain count of what is in it. The folder is no part of the
// repository; a file that is put there is taken in by itself.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isUnreadable, type Rule } from "@conntrail/engine";
import { describe, expect, test } from "vitest";
import { importerFor } from "../../src/importers/all-importers.js";
import type { Draft } from "../../src/importers/importer.js";
import { heldIn } from "../support/census.js";
import { readNamed } from "../support/importing.js";

const evidence = fileURLToPath(new URL("../../../../../shared/evidence", import.meta.url));
const folders = [
  "azure-topology",
  "azure-jit",
  "azure-activity-log",
  "service-tags",
  "aws-topology",
  "aws-cloudtrail",
] as const;

const files = folders.flatMap((folder) => {
  const path = `${evidence}/${folder}`;
  return existsSync(path) ? readdirSync(path).map((name) => [folder, name] as const) : [];
});
if (files.length === 0) console.warn(`skipped: the public evidence is not at ${evidence}`);

/** The lines of `heldIn`, from what an importer made of the file. */
function toldBy(events: readonly Draft[]): string[] {
  return [...new Set(events.flatMap(linesOf))].sort();
}

function linesOf(event: Draft): string[] {
  const { type, data, source } = event;
  switch (type) {
    case "security-group-seen":
      return [
        ...[...data.rules, ...data.defaultRules].map((rule) => ruleLine(data, rule)),
        ...[...data.subnets, ...data.interfaces].map((gate) => `gate ${groupId(data)} ${gate.toLowerCase()}`),
      ];
    case "interface-seen":
      return [
        ...data.addresses.map(({ address, subnet }) => {
          return `address ${data.interface.toLowerCase()} ${address} ${subnet?.toLowerCase() ?? "none"}`;
        }),
        ...(data.groups ?? []).map((group) => `member ${data.interface} ${group}`),
      ];
    case "virtual-network-seen":
      return [
        ...data.addressPrefixes.map((prefix) => `space ${data.network.toLowerCase()} ${prefix}`),
        ...data.subnets.map((subnet) => subnetLine(subnet)),
      ];
    case "subnet-seen":
      return [subnetLine(data)];
    case "public-address-seen":
      return [`public ${data.publicAddress.toLowerCase()} ${data.address}`];
    case "route-table-seen":
      return data.routes.map(({ destination }) => `route ${data.routeTable} ${destination}`);
    case "address-list-seen":
      return data.prefixes.map((prefix) => `prefix ${data.list} ${prefix}`);
    case "access-requested":
      return (data.grants ?? []).map(({ machine, port, sources }) => {
        return `request ${event.actor?.who} ${machine} ${port} ${sources?.join()}`;
      });
    case "security-group-written":
      return [`record of ${data.group} ${data.phase === "succeeded" ? "Succeeded" : data.phase}`];
    case "security-rule-written":
      return [`call ${source.record} ${data.phase}`, ...madeLines(data.rule)];
    case "security-rule-deleted":
    case "resource-removed":
      return [`call ${source.record} ${data.phase}`];
    default:
      return [`${type}, which nobody counted`];
  }
}

function madeLines(rule: Rule | null): string[] {
  return rule === null || isUnreadable(rule) || rule.id === undefined ? [] : [`made ${rule.id}`];
}

type Group = Extract<Draft, { type: "security-group-seen" }>["data"];

function groupId({ group }: Group): string {
  return group.toLowerCase();
}

function subnetLine(subnet: { subnet: string; addressPrefixes: readonly string[]; group: string | null }): string {
  return `subnet ${subnet.subnet.toLowerCase()} ${subnet.addressPrefixes.join()} ${subnet.group?.toLowerCase() ?? "none"}`;
}

function ruleLine(group: Group, rule: Rule): string {
  if (isUnreadable(rule)) return `rule ${rule.name} can't be read`;
  const { source, destination, direction, protocol } = rule;
  const peer = direction === "inbound" ? source : destination;
  const place = [...peer.addresses, ...peer.applicationSecurityGroups].join();
  if (group.kind === "network-acl") return `entry ${group.group} ${direction} ${rule.priority} ${rule.access} ${place}`;
  if (group.kind === "security-group")
    return `rule ${group.group} ${direction} ${protocol} ${destination.ports.join()} ${place}`;
  const ends = [source, destination].map(({ addresses, ports }) => `${addresses.join()} ${ports.join()}`);
  return `rule ${groupId(group)} ${rule.name} ${rule.priority} ${rule.access} ${direction} ${protocol} ${ends.join(" ")}`;
}

describe.skipIf(files.length === 0)("public evidence is read whole", () => {
  test.each(files)("%s/%s", async (folder, name) => {
    const text = readFileSync(`${evidence}/${folder}/${name}`, "utf8");
    const importer = importerFor(Buffer.from(text).subarray(0, 65_536));
    const { events, problems } = await readNamed(importer!, name, text);
    expect(toldBy(events)).toEqual(heldIn(folder, JSON.parse(text)));
    expect(problems).toEqual([]);
  });
});
