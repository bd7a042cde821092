import { MAX_FILTER_LENGTH } from "../domain/integrations/bill-options.ts";
import { invalid } from "../errors.ts";

/** Throws invalid, naming configData.accountFilter, when the expression is none. */
export function checkAccountFilter(expression: string): void {
  if (expression.length <= MAX_FILTER_LENGTH) return;
  throw invalid(
    `configData.accountFilter must be at most ${MAX_FILTER_LENGTH} characters`,
    "configData.accountFilter",
  );
}
