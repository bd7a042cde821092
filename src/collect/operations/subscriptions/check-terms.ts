import { instant, isAfter } from "../../../domain/time.ts";
import type { CollectionMethod } from "../../db/invoicing-tables.ts";
import { refused } from "../../errors.ts";
import type { Scope } from "../../scope.ts";

/** Throws 400 unless what is sent has a due time and what is charged has none. */
export function assertDays(method: CollectionMethod, daysUntilDue: number | undefined): void {
  if (method === "send_invoice" && daysUntilDue === undefined) {
    throw refused(
      "parameter_missing",
      "You must specify `days_until_due` if the collection method is 'send_invoice'.",
      "days_until_due",
    );
  }
  if (method === "charge_automatically" && daysUntilDue !== undefined) {
    throw refused(
      "invalid_argument",
      "You can only specify `days_until_due` if the collection method is 'send_invoice'.",
      "days_until_due",
    );
  }
}

/** Throws 400 unless the instant is still to come. */
export function assertFuture(scope: Scope, at: string, param: string): void {
  if (isAfter(instant(at), instant(scope.nowAt))) return;
  throw refused("invalid_argument", `${param} must be in the future.`, param);
}
