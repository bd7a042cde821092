import { expect, test } from "vitest";
import { isPrivateAddress } from "./private-address.ts";

test.each([
  ["127.0.0.1", true, "loopback"],
  ["127.255.255.254", true, "all of 127/8 is loopback"],
  ["0.0.0.0", true, "this host"],
  ["10.1.2.3", true, "private"],
  ["172.16.0.1", true, "private, lower edge"],
  ["172.31.255.255", true, "private, upper edge"],
  ["172.32.0.0", false, "one past the private range"],
  ["192.168.1.1", true, "private"],
  ["169.254.169.254", true, "link-local: the clouds' metadata service"],
  ["100.64.0.1", true, "carrier-grade NAT, lower edge"],
  ["100.127.255.255", true, "carrier-grade NAT, upper edge"],
  ["100.128.0.0", false, "one past carrier-grade NAT"],
  ["224.0.0.1", true, "multicast"],
  ["255.255.255.255", true, "broadcast"],
  ["8.8.8.8", false, "public"],
  ["::", true, "unspecified"],
  ["::1", true, "loopback"],
  ["::ffff:10.0.0.1", true, "private IPv4, mapped"],
  ["::ffff:a9fe:a9fe", true, "metadata address, mapped, as URL writes it"],
  ["::127.0.0.1", true, "IPv4-compatible"],
  ["64:ff9b::a00:1", true, "NAT64 leads to any IPv4 address"],
  ["fc00::1", true, "unique local"],
  ["fd00:ec2::254", true, "metadata service of a cloud, unique local"],
  ["fe80::1", true, "link-local"],
  ["fec0::1", true, "site-local of old"],
  ["ff02::1", true, "multicast"],
  ["2001:db8::1", true, "documentation"],
  ["2002:7f00:1::", true, "6to4 of a loopback address"],
  ["2606:4700:4700::1111", false, "public"],
])("%s private: %s, because %s", (address, expected) => {
  expect(isPrivateAddress(address)).toBe(expected);
});
