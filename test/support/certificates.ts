import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export interface Certificate {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** What signs others in its name. */
  readonly name: string;
  readonly signer: KeyObject;
}

/** One value of ASN.1 in its distinguished encoding (ITU-T X.690): tag, length, content. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const head =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length];
  return Buffer.concat([Buffer.from([tag, ...head]), body]);
}

const sequence = (...content: readonly Buffer[]) => der(0x30, ...content);
const objectId = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const COMMON_NAME = objectId("550403");
const ALTERNATIVE_NAMES = objectId("551d11");
const BASIC_CONSTRAINTS = objectId("551d13");
const ECDSA_WITH_SHA256 = sequence(objectId("2a8648ce3d040302"));

const toName = (name: string) =>
  sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(name)))));
/** "20260131235959Z", a GeneralizedTime. */
const toTime = (at: Date) =>
  der(0x18, Buffer.from(at.toISOString().replaceAll(/[-:T]|\.\d+/g, "")));
const extension = (id: Buffer, value: Buffer) => sequence(id, der(0x04, value));

const toPem = (bytes: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${bytes.toString("base64").replaceAll(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;

const DAY_MS = 86_400_000;

/**
 * A certificate of a server of this name, or of an authority, signed by `issuer` or by itself; valid for a
 * day around now, or until yesterday (RFC 5280).
 */
export function createCertificate(
  name: string,
  { issuer, isExpired = false }: { issuer?: Certificate; isExpired?: boolean } = {},
): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const until = Date.now() + (isExpired ? -DAY_MS : DAY_MS);
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    toName(issuer?.name ?? name),
    sequence(toTime(new Date(until - 2 * DAY_MS)), toTime(new Date(until))),
    toName(name),
    publicKey.export({ type: "spki", format: "der" }),
    der(
      0xa3,
      sequence(
        extension(ALTERNATIVE_NAMES, sequence(der(0x82, Buffer.from(name)))),
        ...(issuer === undefined
          ? [extension(BASIC_CONSTRAINTS, sequence(der(0x01, Buffer.from([0xff]))))]
          : []),
      ),
    ),
  );
  const signature = sign("sha256", signed, issuer?.signer ?? privateKey);
  return {
    certificate: toPem(sequence(signed, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature))),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    name,
    signer: privateKey,
  };
}
