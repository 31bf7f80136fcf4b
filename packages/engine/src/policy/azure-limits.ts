// Limits of Azure that decide whether a command is taken. Sources: DOMAIN 1.1 [A1][A6], 1.2 [A5], 1.5 [A17], 2.4 [A8].

export const azureLimits = {
  /** [A6]; default rules stand at 65000 and above. */
  lowestPriority: 100,
  highestPriority: 4096,
  /** [A1] */
  nameLength: 80,
  /** [A6] */
  descriptionLength: 140,
  /** [A5] */
  rulesInGroup: 1000,
  /** Addresses and ranges, of the source and of the destination each [A5]. */
  addressesInSide: 4000,
  /** Application security groups as source or destination of one rule [A5]. */
  applicationGroupsInRule: 10,
  /** Application security groups in all rules of one network security group [A5]. */
  applicationGroupsInGroup: 100,
  /** Application security groups of one IP configuration [A5]. */
  applicationGroupsOfAddress: 20,
  /** `FlowTimeoutInMinutes` [A8]. */
  shortestFlowTimeoutMinutes: 4,
  longestFlowTimeoutMinutes: 30,
  /** The first addresses of each subnet are the platform's, and so is the last [A17]. */
  reservedFirstAddresses: 4,
} as const;

/** Starts with a word character, ends with one; between them word characters, `.` and `-` [A1]. */
export function isAzureName(name: string): boolean {
  return name.length <= azureLimits.nameLength && /^\w(?:[\w.-]*\w)?$/.test(name);
}

/** Address space that no virtual network can have [A17]. */
export const unusableInNetworks: readonly string[] = [
  "224.0.0.0/4",
  "255.255.255.255/32",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "168.63.129.16/32",
];
