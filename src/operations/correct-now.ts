import { invalid } from "../errors.ts";
import { listPoliciesInForce } from "../store/invoicing-policies.ts";
import { listCorrectionsOf, type UsageCorrection } from "../store/usage-corrections.ts";
import type { OperationContext } from "./context.ts";
import { correctUsageOf, type SettlingPolicy } from "./correct-usage.ts";
import { inTurnOf } from "./in-turn-of.ts";
import { type CorrectionParts, listCorrectionParts } from "./read-corrections.ts";
import { tryOut } from "./try-out.ts";

/**
 * Bills late usage of a final invoice now, as `policy` says, or as its contract does. Answers the
 * correction with the invoice and the credit notes that it consists of; undefined: there is nothing to
 * correct. With `preview` all of it is done, answered, and taken back. Throws AppError (invalid) where
 * neither says how, (invalid, conflict) for what cannot be corrected; not found.
 */
export const correctInvoiceNow = (
  ctx: OperationContext,
  id: string,
  { policy, preview }: { readonly policy: SettlingPolicy | undefined; readonly preview: boolean },
): Promise<CorrectionParts | undefined> =>
  inTurnOf(ctx, id, (tx, invoice) =>
    tryOut(tx, preview, async () => {
      const policies = await listPoliciesInForce(tx, [invoice.contractId]);
      const chosen = policy ?? toSettling(policies.get(invoice.contractId)?.lateUsage);
      const correctionId = await correctUsageOf(tx, ctx, invoice, chosen);
      if (correctionId === undefined) return undefined;
      const all: UsageCorrection[] = await listCorrectionsOf(tx, id);
      const [parts] = await listCorrectionParts(
        { ...ctx, db: tx },
        all.filter((one) => one.id === correctionId),
      );
      return parts;
    }),
  );

function toSettling(policy: string | undefined): SettlingPolicy {
  if (policy === "supplementary" || policy === "credit_note") return policy;
  throw invalid(
    `late_usage of the contract is ${policy}: say in policy whether to bill by a supplementary invoice or a credit_note`,
    "policy",
  );
}
