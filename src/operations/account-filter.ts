import { ADDRESS_FIELDS, type RuledAccount } from "../domain/integrations/account.ts";
import type { FilterOutcome } from "../domain/integrations/decide-rules.ts";
import { createLanguage, type Expression } from "../platform/expressions/expression.ts";
import { ExpressionError } from "../platform/expressions/expression-error.ts";

const read = createLanguage({
  values: { id: "text", accountName: "text", accountCode: "optional", currency: "optional" },
  records: { customFields: "any", address: ADDRESS_FIELDS },
});

/** As many filters as an environment is likely to have; reading one again costs a fraction of a millisecond. */
const MAX_KEPT = 200;
const kept = new Map<string, Expression>();

/** A filter over accounts, read. Throws ExpressionError. */
export function readAccountFilter(source: string): Expression {
  const known = kept.get(source);
  if (known !== undefined) return known;
  const filter = read(source);
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(source, filter);
  return filter;
}

/** What a filter says of an account as it is now. */
export function applyAccountFilter(source: string, account: RuledAccount): FilterOutcome {
  try {
    const holds = readAccountFilter(source).holds({
      id: account.id,
      accountName: account.name,
      accountCode: account.code,
      currency: account.currency,
      customFields: account.customFields,
      address: account.address,
    });
    return { outcome: holds ? "match" : "no_match" };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { outcome: "error", message: error.message };
  }
}
