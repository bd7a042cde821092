import { expect, test } from "vitest";
import { isPublicUrl } from "./public-url.ts";

test.each([
  ["https://billing.example.com", true, "a public name"],
  ["https://billing.example.com:8443/ledgerline", true, "any port, any path"],
  ["https://8.8.8.8", true, "a public address"],
  ["https://[2606:4700::1111]", true, "a public address of six"],
  ["http://billing.example.com", false, "in the clear: secrets of payments do not go that way"],
  ["https://localhost:4400", false, "this machine"],
  ["https://127.0.0.1:4400", false, "this machine"],
  ["https://[::1]:4400", false, "this machine"],
  ["https://10.1.2.3", false, "a private network"],
  ["https://[fd00::1]", false, "a private network of six"],
  ["https://ledgerline", false, "a name of the network inside"],
  ["https://ledgerline.local", false, "mDNS"],
  ["https://billing.corp.internal", false, "a name of the network inside"],
  ["https://billing.internal.example.com", true, "only the end of a name says where it holds"],
  ["nonsense", false, "no address at all"],
])("%s: %s, %s", (url, expected) => {
  expect(isPublicUrl(url)).toBe(expected);
});
