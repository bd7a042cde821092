import { isIP } from "node:net";
import { isPrivateAddress } from "./private-address.ts";

/** Names that no public server has (RFC 6761, RFC 6762, RFC 8375, and what networks use inside). */
const INSIDE =
  /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|lan|home|corp|test|invalid|home\.arpa)\.?$/;

/**
 * Whether others can reach this address over the internet, by its look alone: https, and a name or
 * an address that is not of a private network. Names are not resolved.
 */
export function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  const host = hostname.replace(/^\[|\]$/g, "");
  if (protocol !== "https:") return false;
  if (isIP(host) !== 0) return !isPrivateAddress(host);
  return host.includes(".") && !INSIDE.test(host);
}
