// What a file of cloud resources or calls holds, one line a thing, read by nothing but `JSON.parse`. It shares no code
// with the importers, so that they can be held against it; and it knows only shapes that the public evidence has.

/** An array too: it has no names. */
type Json = { readonly [key: string]: unknown };

/** The lines of a file, by the folder of evidence that it lies in. */
export function heldIn(folder: string, document: Json): string[] {
  const read = readers.get(folder);
  if (read === undefined) throw new Error(`nobody counts what is in ${folder}`);
  return read(document).sort();
}

const readers: ReadonlyMap<string, (document: Json) => string[]> = new Map([
  ["azure-topology", azureResource],
  ["azure-jit", initiation],
  [
    "azure-activity-log",
    (record: Json) => [`record of ${lower(at(record, "resourceId"))} ${text(at(record, "status", "value"))}`],
  ],
  ["service-tags", tagRecording],
  ["aws-topology", awsAnswer],
  ["aws-cloudtrail", trail],
]);

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key], value);
}

function list(value: unknown, ...path: readonly string[]): Json[] {
  return (at(value, ...path) as Json[] | undefined) ?? [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "none";
}

function lower(value: unknown): string {
  return text(value).toLowerCase();
}

/** One address as it is, every port as `*`, one port as itself. */
function plain(range: string): string {
  const [first, last] = range.split("-");
  if (range === "0-65535") return "*";
  return first === last ? first! : range.replace(/\/32$/, "");
}

function texts(properties: unknown, name: string): string {
  const both = [
    at(properties, name),
    ...((at(properties, `${name}s`) ?? at(properties, `${name}es`) ?? []) as string[]),
  ];
  return both
    .filter((one) => one !== undefined)
    .map((one) => plain(one as string))
    .sort()
    .join(",");
}

function azureResource(document: Json): string[] {
  const properties = document.properties;
  const id = lower(document.id);
  switch (lower(document.type)) {
    case "microsoft.network/networksecuritygroups":
      return azureGroup(id, properties);
    case "microsoft.network/networkinterfaces":
      return list(properties, "ipConfigurations").map(
        (one) =>
          `address ${id} ${text(at(one, "properties", "privateIPAddress"))} ${lower(at(one, "properties", "subnet", "id"))}`,
      );
    case "microsoft.network/virtualnetworks":
      return [
        ...(at(properties, "addressSpace", "addressPrefixes") as string[]).map((prefix) => `space ${id} ${prefix}`),
        ...list(properties, "subnets").map(subnetLine),
      ];
    case "microsoft.network/publicipaddresses":
      return [`public ${id} ${text(at(properties, "ipAddress"))}`];
    case "microsoft.compute/virtualmachines":
    case "microsoft.network/natgateways":
      return [];
    default:
      return effectiveRules(document);
  }
}

function subnetLine(subnet: Json): string {
  const group = lower(at(subnet, "properties", "networkSecurityGroup", "id"));
  return `subnet ${lower(subnet.id)} ${text(at(subnet, "properties", "addressPrefix"))} ${group}`;
}

function azureGroup(id: string, properties: unknown): string[] {
  const rules = [...list(properties, "securityRules"), ...list(properties, "defaultSecurityRules")];
  const gates = [...list(properties, "subnets"), ...list(properties, "networkInterfaces")];
  return [
    ...rules.map((rule) => azureRule(id, text(rule.name), rule.properties as Json)),
    ...gates.map((gate) => `gate ${id} ${lower(gate.id)}`),
  ];
}

function azureRule(group: string, name: string, rule: Json): string {
  const [from, to] = [texts(rule, "sourceAddressPrefix"), texts(rule, "destinationAddressPrefix")];
  const what = [rule.priority, lower(rule.access), lower(rule.direction), lower(rule.protocol).replace("all", "*")];
  return `rule ${group} ${name} ${what.join(" ")} ${from} ${texts(rule, "sourcePortRange")} ${to} ${texts(rule, "destinationPortRange")}`;
}

/** They write any address as all of IPv4. */
function effectiveRules(document: Json): string[] {
  return list(document, "responses", "200", "body", "value").flatMap((entry) => {
    const group = lower(at(entry, "networkSecurityGroup", "id"));
    const gates = ["subnet", "networkInterface"].map(
      (gate) => `gate ${group} ${lower(at(entry, "association", gate, "id"))}`,
    );
    const rules = list(entry, "effectiveSecurityRules").map((rule) =>
      azureRule(group, text(rule.name).split("/")[1]!, rule).replaceAll("0.0.0.0/0", "*"),
    );
    return [...gates, ...rules];
  });
}

function initiation(example: Json): string[] {
  const body = at(example, "responses", "202", "body");
  return list(body, "virtualMachines").flatMap((machine) =>
    list(machine, "ports").map(
      (port) =>
        `request ${text(at(body, "requestor"))} ${text(machine.id)} ${port.number} ${text(port.allowedSourceAddressPrefix)}`,
    ),
  );
}

function tagRecording(recording: Json): string[] {
  const tags = list(recording, "interactions").flatMap((one) => list(one, "response", "body", "data", "values"));
  return tags.flatMap((tag) =>
    (at(tag, "properties", "addressPrefixes") as string[]).map((prefix) => `prefix ${text(tag.name)} ${prefix}`),
  );
}

function awsAnswer(answer: Json): string[] {
  const instances = list(answer, "Reservations").flatMap((reservation) => list(reservation, "Instances"));
  return [
    ...list(answer, "SecurityGroups").flatMap(awsGroup),
    ...list(answer, "NetworkAcls").flatMap(awsAcl),
    ...list(answer, "NetworkInterfaces").flatMap(awsInterface),
    ...instances.flatMap((instance) => list(instance, "NetworkInterfaces").flatMap(awsInterface)),
    ...list(answer, "Subnets").map((subnet) => `subnet ${text(subnet.SubnetId)} ${text(subnet.CidrBlock)} none`),
    ...list(answer, "Vpcs").map((network) => `space ${text(network.VpcId)} ${text(network.CidrBlock)}`),
    ...list(answer, "RouteTables").flatMap((table) =>
      list(table, "Routes").map((route) => `route ${text(table.RouteTableId)} ${text(route.DestinationCidrBlock)}`),
    ),
  ];
}

function awsGroup(group: Json): string[] {
  const directions = { inbound: "IpPermissions", outbound: "IpPermissionsEgress" };
  return Object.entries(directions).flatMap(([direction, name]) =>
    list(group, name).flatMap((permission) => {
      const peers = [
        ...list(permission, "IpRanges").map((range) => text(range.CidrIp).replace(/\/32$/, "")),
        ...list(permission, "Ipv6Ranges").map((range) => text(range.CidrIpv6)),
        ...list(permission, "PrefixListIds").map((prefixes) => text(prefixes.PrefixListId)),
        ...list(permission, "UserIdGroupPairs").map((pair) => text(pair.GroupId)),
      ];
      return peers.map((peer) => `rule ${text(group.GroupId)} ${direction} ${awsTraffic(permission)} ${peer}`);
    }),
  );
}

function awsTraffic({ IpProtocol: protocol, FromPort: from, ToPort: to }: Json): string {
  const hasPorts = protocol === "tcp" || protocol === "udp";
  const ports = hasPorts ? plain(`${from}-${to}`) : "*";
  return `${text(protocol).replace("-1", "*")} ${ports}`;
}

function awsAcl(acl: Json): string[] {
  const id = text(acl.NetworkAclId);
  return [
    ...list(acl, "Entries").map((entry) => {
      const prefix = text(entry.CidrBlock ?? entry.Ipv6CidrBlock).replace(/\/32$/, "");
      return `entry ${id} ${entry.Egress === true ? "outbound" : "inbound"} ${entry.RuleNumber} ${text(entry.RuleAction)} ${prefix}`;
    }),
    ...list(acl, "Associations").map((association) => `gate ${id} ${text(association.SubnetId)}`),
  ];
}

function awsInterface(shown: Json): string[] {
  const id = text(shown.NetworkInterfaceId);
  return [
    ...list(shown, "PrivateIpAddresses").map(
      (address) => `address ${id} ${text(address.PrivateIpAddress)} ${text(shown.SubnetId)}`,
    ),
    ...list(shown, "Groups").map((group) => `member ${id} ${text(group.GroupId)}`),
  ];
}

/** Of EC2: which calls are about rules, groups, interfaces and lists. `Describe…` asks, and `groupSet` is what matters of a machine. */
const changing =
  /^(Authorize|Revoke|Modify|Create|Delete).*(SecurityGroup|NetworkAcl|NetworkInterface|PrefixList)|^(Run|Terminate)Instances$/;

function trail(document: Json): string[] {
  const records: readonly Json[] = Array.isArray(document) ? document : list(document, "Records");
  return records.flatMap((record, index) => {
    const isChange = changing.test(text(record.eventName)) || at(record, "requestParameters", "groupSet") !== undefined;
    if (record.eventSource !== "ec2.amazonaws.com" || !isChange) return [];
    const rules = list(record, "responseElements", "securityGroupRuleSet", "items");
    const done = record.errorCode === undefined ? "succeeded" : "failed";
    return [`call ${index + 1} ${done}`, ...rules.map((rule) => `made ${text(rule.securityGroupRuleId)}`)];
  });
}
