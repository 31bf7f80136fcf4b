// Logs of calls of any size, as they mostly are: about a record in two hundred changes a rule. Pieces of text, each with
// the number of records that it holds.

import { below, pick, randomNumbers } from "./random.mjs";

const begin = Date.UTC(2026, 0, 1);
const hex = (random, digits) => Array.from({ length: digits }, () => below(random, 16).toString(16)).join("");
const uuid = (random) => [8, 4, 4, 4, 12].map((digits) => hex(random, digits)).join("-");

const otherCalls = [
  ["ec2.amazonaws.com", "DescribeInstances"],
  ["ec2.amazonaws.com", "DescribeNetworkInterfaces"],
  ["ec2.amazonaws.com", "DescribeSecurityGroups"],
  ["sts.amazonaws.com", "AssumeRole"],
  ["kms.amazonaws.com", "Decrypt"],
  ["s3.amazonaws.com", "GetBucketAcl"],
  ["logs.amazonaws.com", "DescribeLogGroups"],
  ["ssm.amazonaws.com", "UpdateInstanceInformation"],
];

/** A trail's file: `{"Records": […]}`, a call in two hundred changes a security group (DOMAIN 4.7). */
export function* trail(seed) {
  const random = randomNumbers(seed);
  let text = '{"Records":[';
  for (let index = 0; ; index++) {
    const call = index % 200 === 7 ? authorization(random, index) : otherCall(random);
    yield { text: text + JSON.stringify(callRecord(random, index, call)), reports: 1 };
    text = ",";
  }
}

function otherCall(random) {
  const [eventSource, eventName] = pick(random, otherCalls);
  const requestParameters = {
    filterSet: { items: [{ name: "vpc-id", valueSet: { items: [{ value: `vpc-${hex(random, 17)}` }] } }] },
    maxResults: 1000,
  };
  return { eventSource, eventName, readOnly: true, requestParameters, responseElements: null };
}

function authorization(random, index) {
  const groupId = `sg-0a1b2c3d4e5f6${(index % 400).toString().padStart(4, "0")}`;
  const [port, prefix] = [1 + below(random, 65_535), `203.0.${below(random, 256)}.${below(random, 256)}/32`];
  const range = { ipProtocol: "tcp", fromPort: port, toPort: port };
  const rule = { ...range, groupId, cidrIpv4: prefix, isEgress: false, securityGroupRuleId: `sgr-${hex(random, 17)}` };
  return {
    eventSource: "ec2.amazonaws.com",
    eventName: "AuthorizeSecurityGroupIngress",
    readOnly: false,
    requestParameters: { groupId, ipPermissions: { items: [{ ...range, ipRanges: { items: [{ cidrIp: prefix }] } }] } },
    responseElements: { _return: true, securityGroupRuleSet: { items: [rule] } },
  };
}

function callRecord(random, index, call) {
  const arn = `arn:aws:sts::123456789012:assumed-role/collector/i-${hex(random, 17)}`;
  return {
    eventVersion: "1.09",
    userIdentity: {
      type: "AssumedRole",
      principalId: `AROA${hex(random, 16).toUpperCase()}:i-${hex(random, 17)}`,
      arn,
      accountId: "123456789012",
      accessKeyId: `ASIA${hex(random, 16).toUpperCase()}`,
      sessionContext: {
        sessionIssuer: { type: "Role", arn: "arn:aws:iam::123456789012:role/collector", userName: "collector" },
        attributes: { creationDate: "2026-01-01T00:00:00Z", mfaAuthenticated: "false" },
      },
    },
    eventTime: new Date(begin + index * 500).toISOString().replace(/\.\d+/, ""),
    ...call,
    awsRegion: "eu-central-1",
    sourceIPAddress: `198.51.100.${below(random, 256)}`,
    userAgent: "aws-sdk-go-v2/1.24.0 os/linux lang/go#1.21.5 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.141.0",
    requestID: uuid(random),
    eventID: uuid(random),
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: "123456789012",
    eventCategory: "Management",
    tlsDetails: {
      tlsVersion: "TLSv1.3",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      clientProvidedHostHeader: "ec2.eu-central-1.amazonaws.com",
    },
  };
}

const subscription = "/SUBSCRIPTIONS/12345678-9ABC-DEF0-1234-56789ABCDEF0/RESOURCEGROUPS/RG-PROD/PROVIDERS";
const otherOperations = [
  ["MICROSOFT.COMPUTE/VIRTUALMACHINES/EXTENSIONS/WRITE", "MICROSOFT.COMPUTE/VIRTUALMACHINES/VM"],
  ["MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION", "MICROSOFT.STORAGE/STORAGEACCOUNTS/STORE"],
  ["MICROSOFT.AUTHORIZATION/POLICIES/AUDITIFNOTEXISTS/ACTION", "MICROSOFT.COMPUTE/VIRTUALMACHINES/VM"],
  ["MICROSOFT.RESOURCES/DEPLOYMENTS/WRITE", "MICROSOFT.RESOURCES/DEPLOYMENTS/MAIN"],
];

/** The export to storage: JSON lines, an operation in two hundred writes a security rule, in two records (DOMAIN 4.3). */
export function* activityLog(seed) {
  const random = randomNumbers(seed);
  for (let index = 0; ; index++) {
    const records = index % 200 === 7 ? ruleWrite(random, index) : [otherOperation(random, index)];
    yield { text: records.map((record) => `${JSON.stringify(record)}\n`).join(""), reports: records.length };
  }
}

function otherOperation(random, index) {
  const [operationName, target] = pick(random, otherOperations);
  const said = { resultType: "Success", resultSignature: "Succeeded.OK", properties: { statusCode: "OK" } };
  return activityRecord(random, index, {
    operationName,
    resourceId: `${subscription}/${target}${below(random, 500)}`,
    correlationId: uuid(random),
    ...said,
  });
}

function ruleWrite(random, index) {
  const name = `ALLOW-${index % 300}`;
  const rule = {
    protocol: "Tcp",
    access: "Allow",
    direction: "Inbound",
    priority: 100 + (index % 300),
    sourceAddressPrefix: `203.0.${below(random, 256)}.${below(random, 256)}`,
    sourcePortRange: "*",
    destinationAddressPrefix: "*",
    destinationPortRange: String(1 + below(random, 65_535)),
  };
  const operation = {
    operationName: "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/WRITE",
    resourceId: `${subscription}/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG-${index % 40}/SECURITYRULES/${name}`,
    correlationId: uuid(random),
  };
  const asked = { requestbody: JSON.stringify({ name, properties: rule }) };
  const steps = [
    { resultType: "Start", resultSignature: "Started.", properties: asked },
    { resultType: "Success", resultSignature: "Succeeded.Created", properties: { statusCode: "Created" } },
  ];
  return steps.map((step, at) => activityRecord(random, index + at, { ...operation, ...step }));
}

const claimTypes = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";

function activityRecord(random, index, operation) {
  const principal = uuid(random);
  return {
    time: new Date(begin + index * 1000).toISOString().replace("Z", "1234Z"),
    ...operation,
    category: "Administrative",
    resultDescription: "",
    durationMs: String(below(random, 5000)),
    callerIpAddress: `198.51.100.${below(random, 256)}`,
    identity: {
      authorization: {
        scope: operation.resourceId.toLowerCase(),
        action: operation.operationName,
        evidence: { role: "Contributor", principalId: principal.replaceAll("-", ""), principalType: "User" },
      },
      claims: {
        aud: "https://management.core.windows.net/",
        iss: `https://sts.windows.net/${uuid(random)}/`,
        iat: "1767225600",
        exp: "1767229500",
        appid: uuid(random),
        ipaddr: "198.51.100.9",
        name: "Alice Example",
        [`${claimTypes}/upn`]: "alice@contoso.example",
        [`${claimTypes}/nameidentifier`]: hex(random, 43),
        "http://schemas.microsoft.com/identity/claims/objectidentifier": principal,
        "http://schemas.microsoft.com/identity/claims/scope": "user_impersonation",
      },
    },
    level: "Information",
    location: "global",
  };
}
