import type { CoreDb } from "../db/database.ts";
import { decideRules, type RuleFinding } from "../domain/integrations/decide-rules.ts";
import { type IntegrationRule, listBillRules } from "../store/integration-rules.ts";
import { getRuledAccount } from "../store/ruled-accounts.ts";
import { applyAccountFilter } from "./account-filter.ts";
import type { OperationContext } from "./context.ts";

export interface MatchedRules {
  /** Whether the environment has rules at all. */
  readonly hasRules: boolean;
  /** Those that want the account's bills, in the order of creation. */
  readonly findings: readonly RuleFinding<IntegrationRule>[];
}

/** What the environment's rules say of an account as it is now. Throws not_found. */
export async function matchRules(
  db: CoreDb,
  { environment, services }: OperationContext,
  customerId: string,
): Promise<MatchedRules> {
  const rules = await listBillRules(db, environment.id);
  const usable = rules.filter(
    ({ provider }) => services.providers[provider]?.routing !== undefined,
  );
  if (usable.length === 0) return { hasRules: rules.length > 0, findings: [] };
  const account = await getRuledAccount(db, environment.id, customerId);
  const findings = decideRules(usable, account, (filter) => applyAccountFilter(filter, account));
  return { hasRules: true, findings };
}
