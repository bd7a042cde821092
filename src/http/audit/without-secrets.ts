import { isDecimal } from "../../domain/decimal.ts";

/** What stands in the place of a secret. */
export const REMOVED = "[removed]";

/** Names of fields that are only ever written; whatever is below one of them goes with it. */
const SECRET =
  /credential|secret|password|passphrase|authorization|cookie|apikey|privatekey|accesskey|signingkey|token$/;

/** Whether a field of this name holds a secret: "api_key", "clientSecret", "token". */
export const isSecretName = (name: string): boolean =>
  SECRET.test(name.toLowerCase().replaceAll(/[^a-z0-9]/g, ""));

/** A copy of a JSON value in which no field holds a secret. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null || isDecimal(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isSecretName(name) && inner !== null ? REMOVED : withoutSecrets(inner),
    ]),
  );
}
