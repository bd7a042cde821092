import { invalid } from "../errors.ts";
import { ExpressionError } from "../platform/expressions/expression-error.ts";
import { readAccountFilter } from "./account-filter.ts";

/**
 * Refuses an account filter that could never be told true or false: with the reason and the character
 * where it lies, counted from 1. Throws invalid, naming `field`.
 */
export function checkAccountFilter(expression: string, field = "configData.accountFilter"): void {
  try {
    readAccountFilter(expression);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const where = error.position === undefined ? "" : ` at character ${error.position + 1}`;
    throw invalid(`${field}${where}: ${error.message}`, field, "invalid_filter");
  }
}
