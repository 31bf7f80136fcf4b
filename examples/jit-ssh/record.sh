#!/usr/bin/env bash
# Records the jit-ssh case: real traffic through a real stateful firewall (nftables and conntrack),
# while a just-in-time rule comes and goes. Three network namespaces; nothing leaves this machine.
#
#   record.sh [DIRECTORY]     default: the directory of this script; takes about seven minutes, as root
#
# GRANT_SECONDS=80 record.sh /tmp/rehearsal   shortens the grant, to rehearse (JIT's real minimum is 300).
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-$here}
grant_seconds=${GRANT_SECONDS:-300}

readonly server_address=10.1.0.4 alice=203.0.113.7 scanner=198.51.100.23 resolver=198.51.100.53 visitor=198.51.100.80
readonly jit_allow=MicrosoftDefenderForCloud-JITRule-1463020894-7B1F0E52C9D84A36A5E1D2F37C6840B9
readonly jit_deny=MicrosoftDefenderForCloud-JITRule_-1871094417_3E9C41D07A5B4F288C16D95F0B72A4E3

outside=(ip netns exec jit-outside)
router=(ip netns exec jit-router)
server=(ip netns exec jit-server)

tmp=$(mktemp -d)
started=()

cleanup() {
  touch "$tmp/stop"
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  for name in jit-outside jit-router jit-server; do ip netns delete "$name" 2>/dev/null || true; done
  rm -rf "$tmp"
}
trap cleanup EXIT

# ---------------------------------------------------------------------------------------------------- helpers

fail() { echo "record.sh: $*" >&2; exit 1; }

require() {
  [[ $(id -u) = 0 ]] || fail "network namespaces need root"
  local program
  for program in ip tc ethtool nft conntrack tcpdump ssh ssh-keygen nmap ping curl dig dnsmasq python3; do
    command -v "$program" >/dev/null || fail "\`$program\` is missing"
  done
  [[ -x /usr/sbin/sshd ]] || fail "\`/usr/sbin/sshd\` is missing"
}

# Every instant of the case comes from here: the clock that stamps the capture, in microseconds.
now() { echo "${EPOCHREALTIME/./}"; }

# moment NAME TEXT: a line of the timeline. An empty TEXT is for the Activity Log only.
moment() {
  printf '%s\t%s\t%s\n' "$(now)" "$1" "$2" >>"$tmp/moments.tsv"
  [[ -z $2 ]] || echo "$(date -u +%T) $2"
}

# until SECONDS after the start of the story
until_second() {
  local left=$((start + $1 * 1000000 - $(now)))
  ((left <= 0)) || sleep "$((left / 1000000)).$(printf %06d $((left % 1000000)))"
}

wait_for() {
  local try
  for try in {1..100}; do
    "$@" >/dev/null 2>&1 && return
    sleep 0.2
  done
  fail "gave up after $try tries: $*"
}

# ---------------------------------------------------------------------------------------------------- the network

build_network() {
  local name
  for name in jit-outside jit-router jit-server; do ip netns add "$name"; done
  for name in jit-outside jit-router jit-server; do
    ip netns exec "$name" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
    ip -n "$name" link set lo up
  done

  ip link add internet netns jit-outside address 12:34:56:78:9a:bc type veth peer name outside netns jit-router address 02:00:00:00:00:01
  ip link add eth0 netns jit-server address 00:0d:3a:5b:2c:41 type veth peer name inside netns jit-router address 02:00:00:00:00:02

  # Segments of the size that a wire carries, with checksums that a wire carries.
  local link
  for link in "jit-outside internet" "jit-router outside" "jit-router inside" "jit-server eth0"; do
    # shellcheck disable=SC2086
    set -- $link
    ip netns exec "$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null 2>&1
    ip -n "$1" link set "$2" mtu 1500 up
  done

  local address
  for address in $alice $scanner $resolver $visitor; do ip -n jit-outside address add "$address/24" dev internet; done
  ip -n jit-router address add 203.0.113.1/24 dev outside
  ip -n jit-router address add 198.51.100.1/24 dev outside
  ip -n jit-router address add 10.1.0.1/24 dev inside
  ip -n jit-server address add $server_address/24 dev eth0
  ip -n jit-server route add default via 10.1.0.1
  ip -n jit-outside route add default via 203.0.113.1
  ip -n jit-outside route add default via 198.51.100.1 table 100
  ip -n jit-outside rule add from 198.51.100.0/24 lookup 100

  # A pipe of 20 Mbit/s, so that a download takes time. The queue holds any burst: nothing is lost.
  tc -n jit-server qdisc add dev eth0 root tbf rate 20mbit burst 20kb latency 1s
}

# nsg-web as nftables. One log line a packet, prefixed with its verdict and the rule that gave it.
# Packets that conntrack calls invalid are nobody's special case: what is not of a known flow goes to the rules.
load_rules() {
  "${router[@]}" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 \
    net.netfilter.nf_conntrack_tcp_loose=1 net.netfilter.nf_conntrack_tcp_be_liberal=1 net.netfilter.nf_conntrack_checksum=0
  "${router[@]}" nft -f - <<RULES
table ip nsg {
  set virtual_network {
    type ipv4_addr; flags interval
    elements = { 10.1.0.0/16, 168.63.129.16 }
  }
  set not_internet {
    type ipv4_addr; flags interval
    elements = { 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 168.63.129.16, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16, 224.0.0.0-255.255.255.255 }
  }
  chain inbound {
    ip daddr $server_address tcp dport 80 $(log "allow allow-http") accept comment "200"
    ip daddr $server_address meta l4proto { tcp, udp } th dport { 22, 3389 } $(log "deny $jit_deny") drop comment "4096"
    ip saddr @virtual_network ip daddr @virtual_network $(log "allow AllowVnetInBound") accept comment "65000"
    ip saddr 168.63.129.16 $(log "allow AllowAzureLoadBalancerInBound") accept comment "65001"
    $(log "deny DenyAllInBound") drop comment "65500"
  }
  chain outbound {
    ip saddr @virtual_network ip daddr @virtual_network $(log "allow AllowVnetOutBound") accept comment "65000"
    ip daddr != @not_internet $(log "allow AllowInternetOutBound") accept comment "65001"
    $(log "deny DenyAllOutBound") drop comment "65500"
  }
  chain through {
    type filter hook forward priority filter; policy drop
    ct state established,related $(log "allow the flow's record") accept
    oifname "inside" jump inbound
    iifname "inside" jump outbound
  }
}
RULES
}

# The copy is longer than the capture's, so that what the capture kept can be compared in full.
log() { echo "log prefix \"$1\" group 1 snaplen 256"; }

# ---------------------------------------------------------------------------------------------------- the machines

start_services() {
  ssh-keygen -q -t ed25519 -N '' -C vm1 -f "$tmp/host_key"
  ssh-keygen -q -t ed25519 -N '' -C alice -f "$tmp/alice_key"
  mkdir -p /run/sshd "$tmp/site"
  cat >"$tmp/sshd_config" <<SSHD
ListenAddress $server_address
HostKey $tmp/host_key
AuthorizedKeysFile $tmp/alice_key.pub
PidFile none
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
PermitRootLogin prohibit-password
PrintLastLog no
PrintMotd no
SSHD
  "${server[@]}" /usr/sbin/sshd -D -e -f "$tmp/sshd_config" 2>"$tmp/sshd.log" &
  started+=($!)

  printf '<!doctype html>\n<title>vm1</title>\n<p>It works.\n%0600d\n' 0 >"$tmp/site/index.html"
  "${server[@]}" python3 -m http.server 80 --bind $server_address --directory "$tmp/site" >"$tmp/http.log" 2>&1 &
  started+=($!)

  "${outside[@]}" dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --pid-file= --no-resolv --no-hosts \
    --bind-interfaces --listen-address=$resolver --except-interface=lo --address=/contoso.example/198.51.100.80 2>"$tmp/dns.log" &
  started+=($!)

  # Asked inside each namespace, so that nothing of it crosses the router.
  wait_for "${server[@]}" bash -c "exec 3<>/dev/tcp/$server_address/80"
  wait_for "${server[@]}" bash -c "exec 3<>/dev/tcp/$server_address/22"
  wait_for "${outside[@]}" dig +tries=1 +time=1 -b $resolver @$resolver ready.contoso.example
}

start_recorders() {
  "${router[@]}" conntrack -E -b 4194304 -o timestamp >"$tmp/conntrack.txt" 2>"$tmp/conntrack.log" &
  conntrack_pid=$!
  "${router[@]}" tcpdump -Z root -n -U -i nflog:1 -w "$tmp/nflog.pcap" 2>"$tmp/nflog.log" &
  nflog_pid=$!
  # The outside of the router: every attempt is seen before it is judged, every answer after it was let through.
  "${router[@]}" tcpdump -Z root -n -U -B 16384 -i outside -s 128 --time-stamp-precision=micro -w "$tmp/capture.pcap" 2>"$tmp/tcpdump.log" &
  capture_pid=$!
  started+=("$conntrack_pid" "$nflog_pid" "$capture_pid")
  wait_for grep -q listening "$tmp/nflog.log"
  wait_for grep -q listening "$tmp/tcpdump.log"
  sleep 1
}

stop_recorders() {
  kill -INT "$capture_pid"
  wait "$capture_pid"
  moment capture-ended "capture ends"
  sleep 2 # the kernel hands over the last log lines within a second
  kill -INT "$nflog_pid" "$conntrack_pid"
  wait "$nflog_pid" "$conntrack_pid" || true
  grep -q '^0 packets dropped by kernel' "$tmp/tcpdump.log" || fail "the capture lost packets"
  moment snapshots-taken "the three snapshots are taken"
}

# ---------------------------------------------------------------------------------------------------- the traffic

browse() { "${outside[@]}" curl -s -o /dev/null --max-time 5 --interface $visitor "http://$server_address/$1"; }
look_up() { "${server[@]}" dig +short +tries=1 +time=2 @$resolver "$1.contoso.example" >/dev/null; }

# every SECONDS COMMAND...: in the background until the end, holding still while a rule is edited
every() {
  local second=0
  while [[ ! -e $tmp/stop ]]; do
    if ((second % $1 == 0)); then (flock 9; "${@:2}" || true) 9>"$tmp/quiet"; fi
    second=$((second + 1))
    sleep 1
  done
}

alice_ssh() {
  "${outside[@]}" ssh -F /dev/null -i "$tmp/alice_key" -b $alice -o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes \
    -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile="$tmp/known_hosts" -o LogLevel=ERROR \
    -o IgnoreUnknown=ObscureKeystrokeTiming -o ObscureKeystrokeTiming=no "$@" root@$server_address
}

refused_ssh() {
  if alice_ssh -o ConnectTimeout="$1" -o RemoteCommand=true </dev/null 2>"$tmp/refused.log"; then fail "a connection got through that had to be refused"; fi
  grep -q 'timed out' "$tmp/refused.log" || fail "ssh failed in another way: $(<"$tmp/refused.log")"
}

refused_ping() {
  if "${outside[@]}" ping -q -n -c 3 -i 0.5 -W 1 -I "$1" $server_address >/dev/null; then fail "a ping got through that had to be refused"; fi
}

# The session: a terminal on the server, and a hand on its keyboard (descriptor 7).
open_session() {
  mkfifo "$tmp/keyboard"
  exec 7<>"$tmp/keyboard"
  alice_ssh -tt -o ConnectTimeout=5 -o ServerAliveInterval=30 -o RemoteCommand='HISTFILE= exec bash --norc --noprofile -i' \
    <"$tmp/keyboard" >"$tmp/screen" 2>>"$tmp/ssh.log" &
  session_pid=$!
  started+=("$session_pid")
  wait_for grep -q bash "$tmp/screen" # the prompt
}

enter() {
  local i
  for ((i = 0; i < ${#1}; i++)); do
    printf %s "${1:i:1}" >&7
    sleep "0.$(printf %03d $((60 + RANDOM % 150)))"
  done
  printf '\r' >&7
}

download() { enter 'head -c 500000 /dev/urandom | cat'; }

close_session() {
  enter exit
  wait "$session_pid" || true
}

# edit STARTED SUCCEEDED TEXT NFT-COMMAND: one rule edit, with nothing else on the wire.
# It takes effect between two readings of the clock; match-verdicts.py proves that no frame lies between them.
edit() {
  flock 8
  sleep 0.3
  moment "$1" ""
  sleep 0.6
  local before
  before=$(now)
  "${router[@]}" nft "$4"
  moment "$2" "$3"
  edits+=(--edit "$before" "$(now)")
  sleep 0.3
  flock -u 8
}

handle_of() { "${router[@]}" nft -a list chain ip nsg inbound | sed -n "s/.*comment \"$1\" # handle \([0-9]*\)\$/\1/p"; }

# ---------------------------------------------------------------------------------------------------- the story

tell() {
  start=$(now)
  edits=()
  exec 8>"$tmp/quiet"
  moment capture-began "capture runs"

  until_second 1
  moment web "the visitor's first requests to port 80: allowed by \`allow-http\`"
  browse ''
  browse missing
  moment ssh-early "alice tries ssh too early: denied by the JIT deny rule, gives up after 3 s"
  refused_ssh 3
  moment ping-in "alice pings the server: denied by \`DenyAllInBound\`"
  refused_ping $alice
  moment ping-out "the server pings the visitor: allowed by \`AllowInternetOutBound\`, replies by the flow's record"
  "${server[@]}" ping -q -n -c 3 -i 0.3 -W 1 $visitor >/dev/null
  moment dns "the server looks up a name: allowed by \`AllowInternetOutBound\`, the answer by the flow's record"
  look_up updates

  until_second 11
  moment jit-requested "alice requests access to port 22 for $grant_seconds s"
  local requested
  requested=$(now)
  sleep 0.4
  moment jit-answered ""
  until_second 13
  edit rule-write-started rule-written "Defender for Cloud writes the JIT allow rule (\`nft insert rule\`)" \
    "insert rule ip nsg inbound ip saddr $alice ip daddr $server_address tcp dport 22 $(log "allow $jit_allow") accept comment \"100\""
  until_second 15
  moment ssh-opened "alice opens her session: allowed by the JIT allow rule"
  open_session

  every 15 browse '' &
  local browsing=$!
  every 22 look_up telemetry &
  local looking=$!
  started+=("$browsing" "$looking")

  local commands=(uptime 'df -h /' 'date -u' 'cat /proc/loadavg' 'ls /etc | head' 'free -m' 'ss -tn' 'uname -r') i=0
  while (($(now) < requested + (grant_seconds - 25) * 1000000)); do
    enter "${commands[i++ % ${#commands[@]}]}"
    sleep 18
    ((i != 2)) || { moment bob-started ""; sleep 0.2; moment bob-refused "bob tries to write a rule of his own: refused for want of rights, no effect"; }
  done

  until_second $(((requested + grant_seconds * 1000000 - start) / 1000000 + 1))
  edit rule-delete-started rule-deleted "the grant is over: Defender for Cloud deletes the JIT allow rule (\`nft delete rule\`)" \
    "delete rule ip nsg inbound handle $(handle_of 100)"

  sleep 3
  enter uptime
  sleep 2
  moment download-1 "first download in the session, 0.5 MB: allowed by the flow's record"
  download
  sleep 4
  moment ssh-refused "alice opens a second connection: denied by the JIT deny rule, gives up after 5 s"
  refused_ssh 5
  moment scan "the scanner tries 62 TCP and 5 UDP ports: port 80 alone answers"
  "${outside[@]}" nmap -n -Pn -sS -sU --max-retries 1 -T4 -e internet -S $scanner -oN "$tmp/scan.txt" \
    -p "T:21-23,25,53,80,81,88,110,111,113,135,139,143,179,199,389,443,445,465,514,515,548,554,587,631,636,646,873,993,995,1025-1029,1433,1521,1720,1723,1883,2000,2049,2121,3000,3128,3306,3389,5000,5060,5432,5900,5985,5986,6379,8000,8008,8080,8081,8443,9200,27017,U:53,123,161,500,1900" \
    $server_address >/dev/null 2>"$tmp/nmap.log"
  moment download-2 "second download"
  download
  sleep 3
  moment ping-in-again "the visitor pings the server: denied by \`DenyAllInBound\`"
  refused_ping $visitor
  sleep 30 # longer than ServerAliveInterval, so that ssh asks whether the server is there
  moment download-3 "third download"
  download
  sleep 4
  touch "$tmp/stop"
  wait "$browsing" "$looking"
  moment session-closed "alice leaves: FIN both ways"
  close_session
  sleep 2
}

# ---------------------------------------------------------------------------------------------------- what is kept

# Nothing of an earlier recording is touched before the new one has proven complete.
keep() {
  python3 "$here/match-verdicts.py" --capture "$tmp/capture.pcap" --nflog "$tmp/nflog.pcap" "${edits[@]}" \
    --session "$alice" "$server_address" 22 >"$tmp/kernel-verdicts.ndjson" 2>"$tmp/verdicts.txt" || { cat "$tmp/verdicts.txt" >&2; fail "verdicts and frames do not match"; }
  mkdir -p "$out/evidence"
  cp "$tmp/capture.pcap" "$out/evidence/capture.pcap"
  cp "$tmp/kernel-verdicts.ndjson" "$out/kernel-verdicts.ndjson"
  cp "$tmp/conntrack.txt" "$out/kernel-conntrack.txt"
  [[ $out -ef $here ]] || cp "$here/README.md" "$out/README.md"
  python3 "$here/write-evidence.py" --moments "$tmp/moments.tsv" --verdicts "$tmp/verdicts.txt" \
    --jit-allow "$jit_allow" --jit-deny "$jit_deny" --grant-seconds "$grant_seconds" "$out"
  cat "$tmp/verdicts.txt"
}

require
build_network
load_rules
start_services
start_recorders
tell
stop_recorders
keep
