import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isUnreadable } from "@conntrail/engine";
import { describe, expect, test } from "vitest";
import { importerFor } from "../../src/importers/all-importers.js";
import type { Draft } from "../../src/importers/importer.js";
import { readNamed } from "../support/importing.js";

const evidence = fileURLToPath(new URL("../../../../../shared/evidence", import.meta.url));

async function load(name: string, format: string) {
  const text = readFileSync(`${evidence}/${name}`, "utf8");
  const importer = importerFor(Buffer.from(text).subarray(0, 65_536));
  expect(importer?.format).toBe(format);
  return readNamed(importer!, name, text);
}

type DataOf<T extends Draft["type"]> = Extract<Draft, { type: T }>["data"];

function seen<T extends Draft["type"]>(events: readonly Draft[], type: T): DataOf<T>[] {
  expect(new Set(events.map((event) => event.type))).toEqual(new Set([type]));
  return events.map((event) => event.data as DataOf<T>);
}

const last = (id: string) => id.split("/").at(-1);

// That folder is no part of the repository. All counts were taken with jq.
describe.skipIf(!existsSync(evidence))("real Azure exports (where the folder of public evidence is)", () => {
  test.each([
    ["VM1-nsg", { rules: 3, subnets: [], interfaces: ["vm1346"] }],
    ["VM2-nsg", { rules: 0, subnets: [], interfaces: ["vm235"] }],
    ["subnet-nsg", { rules: 5, subnets: ["private"], interfaces: [] }],
  ])("%s holds its rules, six default rules and its associations", async (name, held) => {
    const { events, problems, notes } = await load(`azure-topology/${name}.json`, "azure-resource");
    expect([problems, notes]).toEqual([[], []]);
    const [group, ...more] = seen(events, "security-group-seen");
    expect(more).toEqual([]);
    expect(group).toMatchObject({ name, flushConnection: null });
    expect(group!.rules).toHaveLength(held.rules);
    expect(group!.defaultRules).toHaveLength(6);
    expect([...group!.rules, ...group!.defaultRules].filter(isUnreadable)).toEqual([]);
    expect(group!.subnets.map(last)).toEqual(held.subnets);
    expect(group!.interfaces.map(last)).toEqual(held.interfaces);
  });

  test("a rule of VM1-nsg says what the export says", async () => {
    const { events } = await load("azure-topology/VM1-nsg.json", "azure-resource");
    const [group] = seen(events, "security-group-seen");
    expect(group!.rules.find(({ name }) => name === "SSH")).toEqual({
      name: "SSH",
      description: null,
      direction: "inbound",
      access: "allow",
      priority: 300,
      protocol: "tcp",
      source: { addresses: ["*"], applicationSecurityGroups: [], ports: ["*"] },
      destination: { addresses: ["*"], applicationSecurityGroups: [], ports: ["22", "8080"] },
    });
  });

  test.each([
    ["vm1346", { address: "10.0.0.4", subnet: "default", publicAddress: "VM1-ip", group: "VM1-nsg", machine: "VM1" }],
    ["vm235", { address: "10.0.1.4", subnet: "private", publicAddress: undefined, group: "VM2-nsg", machine: "VM2" }],
  ])("interface %s has its address, subnet, group, machine and switches", async (name, held) => {
    const { events, problems } = await load(`azure-topology/${name}.json`, "azure-resource");
    expect(problems).toEqual([]);
    const [shown] = seen(events, "interface-seen");
    const [address] = shown!.addresses;
    expect(shown).toMatchObject({ name, disableTcpStateTracking: false, allowPort25Out: false });
    expect([address!.address, last(address!.subnet!), last(address!.publicAddress ?? "") || undefined]).toEqual([
      held.address,
      held.subnet,
      held.publicAddress,
    ]);
    expect([last(shown!.group!), last(shown!.machine!)]).toEqual([held.group, held.machine]);
  });

  test("the network has its space, both subnets, and the group at one of them", async () => {
    const { events, problems } = await load("azure-topology/VM-vnet.json", "azure-resource");
    expect(problems).toEqual([]);
    const [network] = seen(events, "virtual-network-seen");
    expect(network).toMatchObject({ name: "VM-vnet", addressPrefixes: ["10.0.0.0/16"], flowTimeoutMinutes: null });
    expect(network!.subnets.map(({ name, group }) => [name, last(group ?? "none")])).toEqual([
      ["default", "none"],
      ["private", "subnet-nsg"],
    ]);
    expect(network!.subnets.map((subnet) => [subnet.addressPrefixes, subnet.privateEndpointPolicies])).toEqual([
      [["10.0.0.0/24"], "Disabled"],
      [["10.0.1.0/24"], "Disabled"],
    ]);
  });

  test.each([
    ["VM1-public-ip", "40.91.194.198", "vm1346"],
    ["nat-gateway-ip", "40.100.200.240", "none"],
  ])("the public address %s belongs to its interface", async (name, address, owner) => {
    const { events, problems } = await load(`azure-topology/${name}.json`, "azure-resource");
    expect(problems).toEqual([]);
    const [shown] = seen(events, "public-address-seen");
    expect([shown!.address, last(shown!.interface ?? "none")]).toEqual([address, owner]);
  });

  test.each([
    ["VM1", "machine `VM1` has the interfaces `vm1346`"],
    ["VM2", "machine `VM2` has the interfaces `vm235`"],
    ["nat-gateway", "NAT gateway `nat-gateway` serves the subnets `default`"],
  ])("%s is told of", async (name, said) => {
    const { events, problems, notes } = await load(`azure-topology/${name}.json`, "azure-resource");
    expect([events, problems]).toEqual([[], []]);
    expect(notes).toEqual([expect.stringContaining(said)]);
  });

  test("effective rules are part of their group, with both associations", async () => {
    const { events, problems } = await load("azure-topology/effective-nsg-api-example.json", "azure-resource");
    expect(problems).toEqual([]);
    const [group] = seen(events, "security-group-seen");
    expect(group).toMatchObject({ name: "test-nsg", partial: true });
    expect(group!.rules.map(({ name }) => name)).toEqual(["default-allow-rdp", "rule1"]);
    expect(group!.defaultRules).toMatchObject([
      { name: "AllowInternetOutBound", source: { addresses: ["*"] }, destination: { addresses: ["Internet"] } },
    ]);
    expect([group!.subnets.map(last), group!.interfaces.map(last)]).toEqual([["default"], ["nic1"]]);
  });

  test("the documented answer to a request for access is a request that was accepted", async () => {
    const { events, problems } = await load("azure-jit/initiate-api-example.json", "azure-resource");
    expect(problems).toEqual([]);
    expect(events).toMatchObject([
      {
        type: "access-requested",
        time: Date.UTC(2018, 6, 12, 8, 53, 3) * 1000 + 365_879,
        actor: { who: "barbara@contoso.com" },
        data: {
          phase: "accepted",
          justification: "testing a new version of the product",
          grants: [{ port: 3389, sources: ["192.127.0.2"] }],
        },
      },
    ]);
  });

  test("the service tags of 2019 are two lists, dated by the answer", async () => {
    const { events, problems } = await load("service-tags/discovery-api-2019.json", "azure-service-tags");
    expect(problems).toEqual([]);
    const lists = seen(events, "address-list-seen");
    expect(lists.map(({ list, prefixes }) => [list, prefixes.length])).toEqual([
      ["ApiManagement", 5],
      ["ApiManagement.WestUS", 3],
    ]);
    expect(events.map(({ time }) => time)).toEqual(Array(2).fill(Date.UTC(2019, 7, 13, 2, 4, 11) * 1000));
  });

  test("the documented Activity Log sample is a write of a group without a body", async () => {
    const { events, problems } = await load("azure-activity-log/rest-nsg-write-doc.json", "azure-activity-log");
    expect(problems).toEqual([]);
    expect(events).toMatchObject([
      { type: "security-group-written", data: { phase: "succeeded", rules: null, effect: "created" } },
    ]);
  });
});

describe.skipIf(!existsSync(evidence))("real AWS exports (where the folder of public evidence is)", () => {
  const ruleCounts = {
    "sg-331ad04e": 8,
    "sg-55510831": 7,
    "sg-3dfb3140": 2,
    "sg-6c4d1408": 4,
    "sg-83b348fe": 3,
    "sg-94df21e9": 7,
    "sg-9a1f3ffe": 2,
    "sg-a30183d9": 2,
    "sg-adcd87d0": 2,
    "sg-bb550cdf": 4,
    "sg-eed02393": 2,
  };

  test("11 security groups hold a rule for each peer of each permission, under their own names", async () => {
    const { events, problems, notes } = await load("aws-topology/SecurityGroups.json", "aws-resource");
    expect([problems, notes]).toEqual([[], []]);
    const groups = seen(events, "security-group-seen");
    expect(Object.fromEntries(groups.map(({ group, rules }) => [group, rules.length]))).toEqual(ruleCounts);
    expect(groups.flatMap(({ rules }) => rules).filter(isUnreadable)).toEqual([]);
    expect(groups.filter(({ name }) => name === "default")).toHaveLength(4);
    expect(new Set(groups.map(({ kind }) => kind))).toEqual(new Set(["security-group"]));
    expect(groups[0]!.networks).toEqual(["vpc-b390fad5"]);
  });

  test("the rules of one group say what the export says", async () => {
    const { events } = await load("aws-topology/SecurityGroups.json", "aws-resource");
    const [group] = seen(events, "security-group-seen");
    expect(group!.rules.map(({ name }) => name)).toEqual([
      "egress all 0.0.0.0/0",
      "ingress all 192.168.0.0/16",
      "ingress icmp any 38.140.26.0/24",
      "ingress tcp 22 0.0.0.0/0",
      "ingress tcp 22 38.140.26.4",
      "ingress tcp 22 38.140.26.5",
      "ingress tcp 22 38.140.26.6",
      "ingress tcp 22 38.140.26.7",
    ]);
  });

  test("four network ACLs have four rules each, and the subnets they stand at", async () => {
    const { events, problems, notes } = await load("aws-topology/NetworkAcls.json", "aws-resource");
    expect([problems, notes]).toEqual([[], []]);
    const acls = seen(events, "security-group-seen");
    expect(acls.map(({ group, rules, subnets }) => [group, rules.length, subnets.length])).toEqual([
      ["acl-4db39c28", 4, 3],
      ["acl-3d4f745b", 4, 2],
      ["acl-7b78771d", 4, 5],
      ["acl-1ced2265", 4, 0],
    ]);
    expect(acls[0]!.rules.map(({ name, access, priority }) => [name, access, priority])).toEqual([
      ["egress 100", "allow", 100],
      ["egress 32767", "deny", 32_767],
      ["ingress 100", "allow", 100],
      ["ingress 32767", "deny", 32_767],
    ]);
    expect(acls[0]!.rules[2]).toMatchObject({
      protocol: "tcp",
      source: { addresses: ["162.243.144.192"], ports: ["*"] },
      destination: { addresses: ["*"], ports: ["3306"] },
    });
  });

  test("nine interfaces have their address, groups, subnet and network; seven of them a machine", async () => {
    const { events, problems } = await load("aws-topology/NetworkInterfaces.json", "aws-resource");
    expect(problems).toEqual([]);
    const interfaces = seen(events, "interface-seen");
    expect(interfaces.map(({ addresses, groups }) => [addresses.length, groups!.length])).toEqual(
      Array(9).fill([1, 1]),
    );
    expect(interfaces.filter(({ machine }) => machine !== null)).toHaveLength(7);
    expect(interfaces[0]).toMatchObject({
      interface: "eni-707e5a5e",
      name: "core_01-eth0",
      platform: "aws",
      network: "vpc-b390fad5",
      groups: ["sg-331ad04e"],
      machine: "i-0b26ec095feb42260",
      interfaceType: "interface",
      addresses: [{ address: "192.168.1.186", subnet: "subnet-1641fa70" }],
    });
  });

  test("four instances of the Xen age have seven interfaces", async () => {
    const { events, problems } = await load("aws-topology/Reservations.json", "aws-resource");
    expect(problems).toEqual([]);
    const interfaces = seen(events, "interface-seen");
    expect(interfaces.map((shown) => shown.interface).sort()).toEqual([
      "eni-297b5c07",
      "eni-4b466165",
      "eni-6b705445",
      "eni-707e5a5e",
      "eni-8c7753a2",
      "eni-a50c2b8b",
      "eni-d2b094fc",
    ]);
    expect(new Set(interfaces.map(({ machine }) => machine)).size).toBe(4);
    expect(new Set(interfaces.map(({ connectionTracking }) => connectionTracking!.nitroV6))).toEqual(new Set([false]));
  });

  test("ten subnets, four networks", async () => {
    const subnets = await load("aws-topology/Subnets.json", "aws-resource");
    const networks = await load("aws-topology/Vpcs.json", "aws-resource");
    expect([...subnets.problems, ...networks.problems]).toEqual([]);
    expect(seen(subnets.events, "subnet-seen")).toHaveLength(10);
    expect(
      seen(networks.events, "virtual-network-seen").map((network) => [network.network, network.addressPrefixes]),
    ).toEqual([
      ["vpc-b390fad5", ["192.168.0.0/16"]],
      ["vpc-925131f4", ["10.0.0.0/16"]],
      ["vpc-f8fad69d", ["172.31.0.0/16"]],
      ["vpc-815775e7", ["10.100.0.0/16"]],
    ]);
  });

  test("five route tables have all their routes, one of them a black hole", async () => {
    const { events, problems } = await load("aws-topology/RouteTables.json", "aws-resource");
    expect(problems).toEqual([]);
    const tables = seen(events, "route-table-seen");
    expect(
      tables.map(({ routeTable, routes, subnets, main }) => [routeTable, routes.length, subnets.length, main]),
    ).toEqual([
      ["rtb-296bf350", 6, 0, true],
      ["rtb-9fa476e6", 2, 5, true],
      ["rtb-7b73bf02", 2, 1, false],
      ["rtb-f28e418b", 2, 0, true],
      ["rtb-e3d7e486", 2, 0, true],
    ]);
    expect(tables.flatMap(({ routes }) => routes).filter(({ blackhole }) => blackhole)).toEqual([
      { destination: "0.0.0.0/0", nextHop: "nat_gateway", target: "nat-055c00735cace0ec4", blackhole: true },
    ]);
    expect(tables[0]!.routes.map(({ nextHop }) => nextHop)).toEqual(["local", ...Array(5).fill("vpn_gateway")]);
  });
});

describe.skipIf(!existsSync(evidence))("real CloudTrail files (where the folder of public evidence is)", () => {
  test("117 records hold one revocation, which failed, and one interface deleted", async () => {
    const file = "aws-cloudtrail/cloudtrail-20230710T1215Z.json";
    const { events, problems, notes } = await load(file, "aws-cloudtrail");
    expect(problems).toEqual([]);
    expect(events.map(({ type, source, data }) => ({ type, record: source.record, ...data }))).toMatchObject([
      { type: "resource-removed", record: 100, resource: "eni-076fa9fb98a2500a7", phase: "succeeded" },
      {
        type: "security-rule-deleted",
        record: 114,
        group: "sg-04cfb7a4712d75b00",
        ruleName: "egress all ::/0",
        phase: "failed",
      },
    ]);
    expect(notes).toEqual([
      "46 records are of EC2 calls that change no rule, interface or list of addresses",
      "69 records are of other services",
    ]);
  });

  test("a flat request opened port 22, and the answer names the rule", async () => {
    const { events, problems } = await load("aws-cloudtrail/authorize-port-22.json", "aws-cloudtrail");
    expect(problems).toEqual([]);
    const [written] = seen(events, "security-rule-written");
    expect(written).toMatchObject({
      group: "sg-003dc7f1f1c686164",
      ruleName: "ingress tcp 22 0.0.0.0/0",
      rule: { id: "sgr-09b3e3d2ca1edf2a2" },
      operationId: "9fd68588-ecbf-4528-a345-199fa6bb0821",
    });
    expect(events[0]!.actor).toMatchObject({
      who: "arn:aws:iam::032092706103:user/christophe",
      from: "253.243.215.253",
    });
  });
});
