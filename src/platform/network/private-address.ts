import { BlockList, isIPv6 } from "node:net";

/**
 * Ranges that are no part of the public internet (IANA special-purpose registries). One list for
 * each family: a list applies IPv6 ranges to the mapped form of IPv4 addresses, too.
 */
const NOT_PUBLIC_V4 = new BlockList();
const NOT_PUBLIC_V6 = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  NOT_PUBLIC_V4.addSubnet(network, bits, "ipv4");
}
// Only 2000::/3 is handed out to the public at all; these are the parts of it that are not.
for (const [network, bits] of [
  ["::", 3],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
  ["4000::", 2],
  ["8000::", 1],
] as const) {
  NOT_PUBLIC_V6.addSubnet(network, bits, "ipv6");
}

/**
 * True for every address that does not belong to the public internet. IPv4 addresses in IPv6
 * clothes ("::ffff:10.0.0.1") are among them whatever they hold: nobody needs to write them so.
 */
export const isPrivateAddress = (address: string): boolean =>
  isIPv6(address) ? NOT_PUBLIC_V6.check(address, "ipv6") : NOT_PUBLIC_V4.check(address, "ipv4");
