import { X509Certificate } from "node:crypto";

const MOST_CHARACTERS = 65_536;
const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Whether a text is one or more certificates (PEM, RFC 7468) and nothing else. */
export function areCertificates(text: unknown): boolean {
  if (typeof text !== "string" || text.length > MOST_CHARACTERS) return false;
  const blocks = text.match(BLOCK) ?? [];
  if (blocks.length === 0 || text.replaceAll(BLOCK, "").trim() !== "") return false;
  return blocks.every((block) => {
    try {
      return new X509Certificate(block).raw.length > 0;
    } catch {
      return false;
    }
  });
}
