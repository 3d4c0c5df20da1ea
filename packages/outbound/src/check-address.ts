// Which addresses a request of ours may go to: the public ones, by allow-list. Everything with a special meaning is refused: loopback,
// private, link-local (metadata services), carrier-grade NAT, multicast, and every form of IPv6 that carries an IPv4 address.
import ipaddr from 'ipaddr.js'

/** Hosts that may have private addresses: names, addresses or networks such as `10.1.0.0/16`. */
export type PrivateHosts = readonly string[]

// Global unicast; ipaddr.js tells its special parts apart. ::/3 holds what maps, translates or loops back.
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3]

/** True for an address anybody may be sent to. False for what is no address. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  return parsed.kind() === 'ipv4' || (parsed as ipaddr.IPv6).match(GLOBAL_UNICAST)
}

/** True when the operator allowed this host, by its name or by this address of it. @param host as in the URL, without brackets. */
export function isListedHost(list: PrivateHosts, host: string, address: string): boolean {
  return list.some((entry) => {
    const wanted = entry.toLowerCase()
    return wanted === host.toLowerCase() || sameNetwork(wanted, address)
  })
}

function sameNetwork(entry: string, address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  const network = ipaddr.isValidCIDR(entry)
    ? ipaddr.parseCIDR(entry)
    : ipaddr.isValid(entry)
      ? wholeAddress(entry)
      : null
  return network !== null && network[0].kind() === parsed.kind() && parsed.match(network)
}

function wholeAddress(entry: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const parsed = ipaddr.parse(entry)
  return [parsed, parsed.kind() === 'ipv4' ? 32 : 128]
}
