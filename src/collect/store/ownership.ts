import type { Insertable } from "kysely";
import type { Scope } from "../scope.ts";

/** What the caller of an insert gives: all but the columns that the scope knows. */
export type NewObject<Table> = Omit<Insertable<Table>, "account_id" | "livemode" | "created_at">;

/** The columns of a new object that the scope knows. */
export const ownership = (scope: Scope) => ({
  account_id: scope.accountId,
  livemode: scope.livemode,
  created_at: scope.nowAt,
});
