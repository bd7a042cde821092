import { dec, toText } from "./decimal.ts";
import { refuse } from "./faults.ts";

const MAX_DIGITS = 15;

function checkDigits(key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || context?.source === undefined) return value;
  const { source } = context;
  const digits = /[eE][+-]?\d{3}/.test(source)
    ? undefined
    : toText(dec(source)).replace("-", "").replace(".", "").replace(/^0+/, "");
  if (digits === undefined || digits.replace(/0+$/, "").length > MAX_DIGITS) {
    refuse("2090", `Number has more than ${MAX_DIGITS} digits: ${source}`, key);
  }
  return value;
}

/**
 * The value of a body. A number of more than 15 digits is refused, so that each one kept prints as the
 * very decimal that was sent.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, checkDigits);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return refuse("2010", `Property Name:${error.message} specified is unsupported or invalid`);
  }
}

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** Writes numbers plainly: 0.0000001 and not 1e-7. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner) =>
    typeof inner === "number" ? rawJSON(toText(dec(inner))) : inner,
  );
