#!/usr/bin/env python3
"""Writes Azure's side of the jit-ssh case: what the portal would have logged and shown around the recorded traffic.

There is no Azure in the recording, so this is made by hand, in the shapes that `az ... show -o json` and the Activity
Log's export to storage have, and set to the instants at which the recording really did each thing.
"""
import argparse
import datetime
import json
import pathlib
import re
import uuid

SUBSCRIPTION = "5f1d2c3b-0000-4a4a-9c9c-3d1e0f7a9b11"
TENANT = "b1d5c0de-7a11-4c1e-8f0a-52c3c0de7a11"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-prod"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
NSG = f"{NETWORK}/networkSecurityGroups/nsg-web"
NIC = f"{NETWORK}/networkInterfaces/vm1-nic"
VNET = f"{NETWORK}/virtualNetworks/vnet-prod"
SUBNET = f"{VNET}/subnets/web"
VM = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm1"
JIT_POLICY = f"{GROUP}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default"
ALICE_ADDRESS = "203.0.113.7"
SERVER_ADDRESS = "10.1.0.4"


def main():
    arguments = parse_arguments()
    moments = read_moments(arguments.moments)
    at = {name: time for time, name, _ in moments}
    names = arguments.jit_allow, arguments.jit_deny
    evidence = arguments.directory / "evidence"
    write_json(evidence / "nsg-web.json", nsg(jit_deny=arguments.jit_deny))
    write_json(evidence / "vm1-nic.json", nic())
    write_json(evidence / "vnet-prod.json", vnet())
    lines = activity_log(at, arguments.jit_allow, arguments.grant_seconds)
    write_text(evidence / "activity-log.jsonl", "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
    write_text(arguments.directory / "taken-at", rfc3339(at["snapshots-taken"]) + "\n")
    update_readme(arguments.directory / "README.md", recorded_section(moments, arguments.verdicts, names))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", required=True, type=pathlib.Path)
    parser.add_argument("--verdicts", required=True, type=pathlib.Path)
    parser.add_argument("--jit-allow", required=True)
    parser.add_argument("--jit-deny", required=True)
    parser.add_argument("--grant-seconds", required=True, type=int)
    parser.add_argument("directory", type=pathlib.Path)
    return parser.parse_args()


def read_moments(path):
    """(microseconds, name, text) of each moment of the recording."""
    rows = (line.split("\t") for line in path.read_text().splitlines())
    return [(int(time), name, text) for time, name, text in rows]


# ------------------------------------------------------------------------------------------------ the three snapshots

def nsg(jit_deny):
    etag = 'W/"0e6f4a52-9d7c-4c51-8a3d-64c1f2b7d905"'
    custom = [
        rule("allow-http", 200, "Inbound", "Tcp", "*", SERVER_ADDRESS, "Allow", destinationPortRange="80"),
        rule(jit_deny, 4096, "Inbound", "*", "*", SERVER_ADDRESS, "Deny", destinationPortRanges=["22", "3389"],
             description="MDC JIT Network Access rule for policy 'default' of VM 'vm1'."),
    ]
    default = [
        rule("AllowVnetInBound", 65000, "Inbound", "*", "VirtualNetwork", "VirtualNetwork", "Allow",
             description="Allow inbound traffic from all VMs in VNET"),
        rule("AllowAzureLoadBalancerInBound", 65001, "Inbound", "*", "AzureLoadBalancer", "*", "Allow",
             description="Allow inbound traffic from azure load balancer"),
        rule("DenyAllInBound", 65500, "Inbound", "*", "*", "*", "Deny", description="Deny all inbound traffic"),
        rule("AllowVnetOutBound", 65000, "Outbound", "*", "VirtualNetwork", "VirtualNetwork", "Allow",
             description="Allow outbound traffic from all VMs to all VMs in VNET"),
        rule("AllowInternetOutBound", 65001, "Outbound", "*", "*", "Internet", "Allow",
             description="Allow outbound traffic from all VMs to Internet"),
        rule("DenyAllOutBound", 65500, "Outbound", "*", "*", "*", "Deny", description="Deny all outbound traffic"),
    ]
    return {
        "defaultSecurityRules": [as_shown(each, "defaultSecurityRules", etag) for each in default],
        "etag": etag,
        "id": NSG,
        "location": "westeurope",
        "name": "nsg-web",
        "provisioningState": "Succeeded",
        "resourceGroup": "rg-prod",
        "resourceGuid": "2c7c5f0e-4d0b-4b0f-9a57-1f5a6f1c7e21",
        "securityRules": [as_shown(each, "securityRules", etag) for each in custom],
        "subnets": [{"id": SUBNET, "resourceGroup": "rg-prod"}],
        "type": "Microsoft.Network/networkSecurityGroups",
    }


def rule(name, priority, direction, protocol, source, destination, access, **more):
    """The content of a rule, as a request has it. Ports are any unless `more` names them."""
    ports = {} if "destinationPortRanges" in more else {"destinationPortRange": "*"}
    return {
        "name": name, "protocol": protocol, "sourcePortRange": "*", "sourceAddressPrefix": source,
        "destinationAddressPrefix": destination, "access": access, "priority": priority, "direction": direction,
        "sourcePortRanges": [], "destinationPortRanges": [], "sourceAddressPrefixes": [],
        "destinationAddressPrefixes": [], **ports, **more,
    }


def as_shown(content, collection, etag):
    return dict(sorted({
        **content, "etag": etag, "id": f"{NSG}/{collection}/{content['name']}", "provisioningState": "Succeeded",
        "resourceGroup": "rg-prod", "type": f"Microsoft.Network/networkSecurityGroups/{collection}",
    }.items()))


def nic():
    etag = 'W/"5f0c8f1e-6f07-46f4-8c11-7f7c7b1a2d38"'
    return {
        "auxiliaryMode": "None",
        "auxiliarySku": "None",
        "disableTcpStateTracking": False,
        "dnsSettings": {
            "appliedDnsServers": [],
            "dnsServers": [],
            "internalDomainNameSuffix": "q3vzk0w1n4mejh2oyfsy5rbxpd.ax.internal.cloudapp.net",
        },
        "enableAcceleratedNetworking": True,
        "enableIPForwarding": False,
        "etag": etag,
        "hostedWorkloads": [],
        "id": NIC,
        "ipConfigurations": [{
            "etag": etag,
            "id": f"{NIC}/ipConfigurations/ipconfig1",
            "name": "ipconfig1",
            "primary": True,
            "privateIPAddress": SERVER_ADDRESS,
            "privateIPAddressVersion": "IPv4",
            "privateIPAllocationMethod": "Dynamic",
            "provisioningState": "Succeeded",
            "resourceGroup": "rg-prod",
            "subnet": {"id": SUBNET, "resourceGroup": "rg-prod"},
            "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
        }],
        "kind": "Regular",
        "location": "westeurope",
        "macAddress": "00-0D-3A-5B-2C-41",
        "name": "vm1-nic",
        "networkSecurityGroup": None,
        "nicType": "Standard",
        "primary": True,
        "provisioningState": "Succeeded",
        "resourceGroup": "rg-prod",
        "resourceGuid": "8a0f6b43-77f1-4d5a-b6e0-0d1c5e9a3f62",
        "tapConfigurations": [],
        "type": "Microsoft.Network/networkInterfaces",
        "virtualMachine": {"id": VM, "resourceGroup": "rg-prod"},
        "vnetEncryptionSupported": False,
    }


def vnet():
    etag = 'W/"b7d9d6c4-1b7e-4f0c-93b8-2a5e8c4f6d17"'
    return {
        "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
        "enableDdosProtection": False,
        "etag": etag,
        # Makes rules on inbound TCP stateful beyond doubt; the session is never idle for so long.
        "flowTimeoutInMinutes": 4,
        "id": VNET,
        "location": "westeurope",
        "name": "vnet-prod",
        "privateEndpointVNetPolicies": "Disabled",
        "provisioningState": "Succeeded",
        "resourceGroup": "rg-prod",
        "resourceGuid": "d4b8c2a6-3f1e-4c7d-8e5b-9a6f0c1d2e37",
        "subnets": [{
            "addressPrefix": "10.1.0.0/24",
            "delegations": [],
            "etag": etag,
            "id": SUBNET,
            "ipConfigurations": [{"id": f"{NIC}/ipConfigurations/ipconfig1", "resourceGroup": "rg-prod"}],
            "name": "web",
            "networkSecurityGroup": {"id": NSG, "resourceGroup": "rg-prod"},
            "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
            "provisioningState": "Succeeded",
            "resourceGroup": "rg-prod",
            "type": "Microsoft.Network/virtualNetworks/subnets",
        }],
        "type": "Microsoft.Network/virtualNetworks",
        "virtualNetworkPeerings": [],
    }


# ------------------------------------------------------------------------------------------------ the Activity Log

def activity_log(at, jit_allow, grant_seconds):
    """Records in the order of their times. One operation has one correlation id and a record for each of its stages."""
    return sorted([
        *vm_start(at["capture-began"] - 23 * 60_000_000),
        *jit_request(at, grant_seconds),
        *jit_rule_write(at, jit_allow),
        *refused_rule_write(at),
        *jit_rule_delete(at, jit_allow),
    ], key=lambda record: record["time"])


def vm_start(began):
    who, what = alice(), ("Microsoft.Compute/virtualMachines/start/action", VM, correlation("vm start", began))
    yield record(began, who, what, "Start", "Started.")
    yield record(began + 412_000, who, what, "Accept", "Accepted.Accepted", statusCode="Accepted")
    yield record(began + 21_706_000, who, what, "Success", "Succeeded.")


def jit_request(at, grant_seconds):
    began, ended = at["jit-requested"], at["jit-answered"]
    port = {"number": 22, "allowedSourceAddressPrefix": ALICE_ADDRESS, "endTimeUtc": rfc3339(began + grant_seconds * 1_000_000)}
    justification = "vm1: look at the web server's disk, change 4711"
    request = {"virtualMachines": [{"id": VM, "ports": [port]}], "justification": justification}
    answer = {
        "virtualMachines": [{"id": VM, "ports": [{**port, "status": "Initiating", "statusReason": "UserRequested"}]}],
        "startTimeUtc": rfc3339(began), "requestor": "alice@contoso.example", "justification": justification,
    }
    who, what = alice(), ("Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action", JIT_POLICY, correlation("jit", began))
    yield record(began, who, what, "Start", "Started.", requestbody=text(request))
    yield record(ended, who, what, "Success", "Succeeded.Accepted", ended - began, statusCode="Accepted", responseBody=text(answer))


def jit_rule_write(at, name):
    began, ended = at["rule-write-started"], at["rule-written"]
    content = rule(name, 100, "Inbound", "Tcp", ALICE_ADDRESS, SERVER_ADDRESS, "Allow", destinationPortRange="22",
                   description="MDC JIT Network Access rule created by an initiation request for policy 'default' of VM 'vm1'.")
    who, what = defender(), rule_operation("write", name, began)
    yield record(began, who, what, "Start", "Started.", requestbody=rule_body(content))
    yield record(ended, who, what, "Success", "Succeeded.Created", ended - began, statusCode="Created", responseBody="")


def refused_rule_write(at):
    began, ended, name = at["bob-started"], at["bob-refused"], "allow-ssh-any"
    content = rule(name, 110, "Inbound", "Tcp", "*", "*", "Allow", destinationPortRange="22")
    who, what = bob(), rule_operation("write", name, began)
    error = {"error": {"code": "AuthorizationFailed", "message":
             "The client 'bob@contoso.example' does not have authorization to perform action "
             f"'Microsoft.Network/networkSecurityGroups/securityRules/write' over scope '{NSG}/securityRules/{name}'."}}
    yield record(began, who, what, "Start", "Started.", requestbody=rule_body(content))
    yield record(ended, who, what, "Failure", "Failed.Forbidden", ended - began, statusCode="Forbidden", statusMessage=text(error))


def jit_rule_delete(at, name):
    began, ended = at["rule-delete-started"], at["rule-deleted"]
    who, what = defender(), rule_operation("delete", name, began)
    yield record(began, who, what, "Start", "Started.")
    yield record(ended, who, what, "Success", "Succeeded.OK", ended - began, statusCode="OK")


def rule_operation(verb, name, began):
    scope = f"{NSG}/securityRules/{name}"
    return f"Microsoft.Network/networkSecurityGroups/securityRules/{verb}", scope, correlation(f"{verb} {name}", began)


def rule_body(content):
    return text({"name": content["name"], "id": f"{NSG}/securityRules/{content['name']}",
                 "properties": {field: value for field, value in content.items() if field != "name"}})


def record(time, who, what, result, signature, duration_micros=0, **properties):
    """One line of the export. Resource and operation are in upper case there; the authorization keeps their case."""
    action, scope, correlation_id = what
    failed = result == "Failure"
    return {
        "time": rfc3339(time),
        "resourceId": scope.upper(),
        "operationName": action.upper(),
        "category": "Administrative",
        "resultType": result,
        "resultSignature": signature,
        "durationMs": str(duration_micros // 1000),
        "callerIpAddress": who["address"],
        "correlationId": correlation_id,
        "identity": {
            "authorization": {"scope": scope, "action": action, **({} if failed else {"evidence": who["evidence"]})},
            "claims": who["claims"],
        },
        "level": "Error" if failed else "Information",
        "location": "global",
        "properties": {**properties, "eventCategory": "Administrative", "entity": scope, "message": action,
                       "hierarchy": f"{TENANT}/{SUBSCRIPTION}"},
        "tenantId": TENANT,
    }


def alice():
    return user("Alice Arnold", "alice@contoso.example", ALICE_ADDRESS, "Contributor", "6f0d9c1b2a3e4d5f8a7b6c5d4e3f2a1b")


def bob():
    return user("Bob Brandt", "bob@contoso.example", "203.0.113.61", "Reader", "0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d")


def user(name, upn, address, role, principal):
    return {"address": address, "evidence": evidence(role, principal, "User"), "claims": {
        **common_claims(), "appid": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "ipaddr": address, "name": name,
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": upn,
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": upn,
        "http://schemas.microsoft.com/identity/claims/objectidentifier": str(uuid.UUID(principal)), "upn": upn,
    }}


def defender():
    """Defender for Cloud acts through its first-party application, which has no user and no address of a user."""
    principal = "3d2c1b0a9f8e4d7c6b5a4f3e2d1c0b9a"
    return {"address": "192.0.2.44", "evidence": evidence(None, principal, "ServicePrincipal"), "claims": {
        **common_claims(), "appid": "8edd93e1-2103-40b4-bd70-6e34e586362d", "idtyp": "app",
        "name": "Windows Azure Security Resource Provider",
        "http://schemas.microsoft.com/identity/claims/objectidentifier": str(uuid.UUID(principal)),
    }}


def common_claims():
    return {
        "aud": "https://management.core.windows.net/", "iss": f"https://sts.windows.net/{TENANT}/", "ver": "1.0",
        "http://schemas.microsoft.com/identity/claims/tenantid": TENANT,
    }


def evidence(role, principal, kind):
    assignment = {"role": role, "roleAssignmentScope": f"/subscriptions/{SUBSCRIPTION}"} if role else {}
    return {**assignment, "principalId": principal, "principalType": kind}


def correlation(operation, began):
    return str(uuid.uuid5(uuid.UUID(SUBSCRIPTION), f"{operation} {began}"))


# ------------------------------------------------------------------------------------------------ the README's section

def recorded_section(moments, verdicts, names):
    """The timeline and the count of verdicts of this recording, as Markdown."""
    start = moments[0][0]
    rows = [f"| {clock(time)} | {(time - start) / 1e6:.1f} | {said} |" for time, _, said in moments if said]
    counts = [line.split("\t") for line in verdicts.read_text().splitlines()]
    total = sum(int(count) for _, _, count in counts)
    by_rule = [f"| {verdict} | {rule_name(decider, names)} | {int(count):,} |" for verdict, decider, count in counts]
    return "\n".join([
        f"Recorded on {rfc3339(start)[:10]}; times in UTC.", "",
        "| Time | Second | What |", "|---|---:|---|", *rows, "",
        f"The kernel judged {total:,} packets:", "",
        "| Verdict | Decided by | Packets |", "|---|---|---:|", *by_rule,
    ])


def rule_name(decider, names):
    """The JIT rules' long names, said shortly."""
    return dict(zip(names, ("the JIT allow rule (100)", "the JIT deny rule (4096)"))).get(decider, decider if " " in decider else f"`{decider}`")


def update_readme(path, section):
    marked = re.compile(r"(<!-- recorded -->\n).*?(<!-- /recorded -->)", re.DOTALL)
    write_text(path, marked.sub(lambda found: f"{found[1]}{section}\n{found[2]}", path.read_text()))


# ------------------------------------------------------------------------------------------------ writing

def instant(micros):
    return datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=micros)


def rfc3339(micros):
    """Seven digits of a second, as Azure writes them; the clock here has six."""
    return f"{instant(micros).isoformat(timespec='microseconds')}0Z"


def clock(micros):
    return instant(micros).isoformat(timespec="microseconds")[11:]


def text(value):
    return json.dumps(value, separators=(",", ":"))


def write_json(path, value):
    write_text(path, json.dumps(value, indent=2) + "\n")


def write_text(path, content):
    path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
