import type { CoreTransaction } from "../db/database.ts";
import { keepSenders } from "../domain/integrations/keep-senders.ts";
import { listRulesById } from "../store/integration-rules.ts";
import type { OperationContext } from "./context.ts";
import { type MatchedRules, matchRules } from "./match-rules.ts";
import { raiseHeldBack } from "./raise-integration-event.ts";
import type { SentDrafts } from "./sent-drafts.ts";

/**
 * As matchRules, for an invoice: it stays with the rules that have sent its draft. A rule that matches in
 * their place is held back, and that is told.
 */
export async function matchSenders(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, customerId }: { readonly id: string; readonly customerId: string },
  drafts: SentDrafts,
): Promise<MatchedRules> {
  const matched = await matchRules(tx, ctx, customerId);
  if (!matched.hasRules) return matched;
  const ids = (await drafts.documents()).flatMap(({ configurationId }) => configurationId ?? []);
  const rules = await listRulesById(tx, ctx.environment.id, ids);
  const senders = [...rules.values()].filter(({ archivedAt }) => archivedAt === null);
  const { findings, heldBack } = keepSenders(matched.findings, senders);
  for (const rule of heldBack) await raiseHeldBack(tx, ctx, { id, customerId }, rule, senders);
  return { hasRules: true, findings };
}
