import type { CollectionMethod } from "../db/invoicing-tables.ts";
import type { Scope } from "../scope.ts";

/** What a request says about when something falls due. */
interface DueTerms {
  readonly collectionMethod: CollectionMethod;
  readonly daysUntilDue?: number | undefined;
  readonly dueAt?: string | undefined;
}

/** The days of a request; where it says nothing of what is sent, those of the account's settings. */
export function daysUntilDueOf(
  { account }: Scope,
  { collectionMethod, daysUntilDue, dueAt }: DueTerms,
): number | undefined {
  if (daysUntilDue !== undefined || dueAt !== undefined) return daysUntilDue;
  return collectionMethod === "send_invoice" ? (account.days_until_due ?? undefined) : undefined;
}
