import { PlaceError } from "./place-error.ts";

const NAME_AN_AUTHORITY =
  "Give the certificate of the authority that signed it, or its own when it signed itself, as credential.ca, or let the server show one of a public authority; then retry the run.";
const RENEW = "Renew the certificate of that server, then retry the run.";

/** What is wrong with a server's certificate (Node.js documentation, "X509 certificate error codes"). */
const CERTIFICATE_REMEDIES: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: NAME_AN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: NAME_AN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: NAME_AN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NAME_AN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NAME_AN_AUTHORITY,
  CERT_SIGNATURE_FAILURE: NAME_AN_AUTHORITY,
  CERT_UNTRUSTED: NAME_AN_AUTHORITY,
  INVALID_CA: NAME_AN_AUTHORITY,
  CERT_HAS_EXPIRED: RENEW,
  CERT_NOT_YET_VALID: RENEW,
  CERT_REVOKED: RENEW,
  CERT_REJECTED: RENEW,
  INVALID_PURPOSE: RENEW,
  ERR_TLS_CERT_ALTNAME_INVALID:
    "Make a destination whose settings.host is a name that the certificate is for, or let the server show one for this name and retry the run.",
};

/** pg has no code for it. */
const NO_ENCRYPTION = "The server does not support SSL connections";

/** A server that is not who it should be, or that speaks no TLS, in a person's words; undefined: something else. */
export function toTlsFailure(error: Error, code: string): PlaceError | undefined {
  if (Object.hasOwn(CERTIFICATE_REMEDIES, code)) {
    return new PlaceError("certificate_refused", `${code}: ${error.message}`, {
      remedy: CERTIFICATE_REMEDIES[code] ?? RENEW,
      permanent: true,
      cause: error,
    });
  }
  if (error.message !== NO_ENCRYPTION) return undefined;
  return new PlaceError("encryption_refused", "The server speaks no TLS; nothing was sent to it", {
    remedy:
      "Let that server speak TLS (ssl = on) and retry the run, or make a destination with settings.ssl off if nobody can listen on the way.",
    permanent: true,
    cause: error,
  });
}
