// Records of CloudTrail as AWS writes them, with only what a test says.

type Call = {
  readonly eventName: string;
  readonly requestParameters: object;
  readonly responseElements?: object | null;
  readonly [field: string]: unknown;
};

let count = 0;

/** With an id of its own, by alice, at ten o'clock; whatever the call says besides replaces that. */
export function cloudtrailRecord(call: Call): object {
  count += 1;
  const number = String(count).padStart(12, "0");
  return {
    eventVersion: "1.10",
    userIdentity: {
      type: "IAMUser",
      principalId: "AIDAEXAMPLE",
      arn: "arn:aws:iam::111122223333:user/alice",
      accountId: "111122223333",
      userName: "alice",
    },
    eventTime: "2026-03-18T10:00:00Z",
    eventSource: "ec2.amazonaws.com",
    awsRegion: "eu-central-1",
    sourceIPAddress: "198.51.100.9",
    responseElements: { requestId: `request-${number}`, _return: true },
    requestID: `request-${number}`,
    eventID: `00000000-0000-4000-8000-${number}`,
    readOnly: false,
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: "111122223333",
    ...call,
  };
}

export const groupId = "sg-0a1b2c3d4e5f60718";
export const interfaceId = "eni-0123456789abcdef0";

/** One permission of TCP as requests have it. */
export function permission(port: number, cidrIp: string): object {
  return {
    ipProtocol: "tcp",
    fromPort: port,
    toPort: port,
    groups: {},
    ipRanges: { items: [{ cidrIp }] },
    ipv6Ranges: {},
    prefixListIds: {},
  };
}

/** One rule of TCP as answers list it. */
export function ruleItem(port: number, cidrIpv4: string, id: string): object {
  const range = { ipProtocol: "tcp", fromPort: port, toPort: port };
  return { groupOwnerId: "111122223333", groupId, securityGroupRuleId: id, isEgress: false, ...range, cidrIpv4 };
}
