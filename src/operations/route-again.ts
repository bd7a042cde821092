import { conflict } from "../errors.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import { listDeliveriesOfInvoice } from "../store/integration-runs.ts";
import { isFrozen } from "../store/invoices.ts";
import { forgetUnrouted, isUnrouted } from "../store/unrouted-invoices.ts";
import type { OperationContext } from "./context.ts";
import { inTurnOf } from "./in-turn-of.ts";
import { routeInvoice } from "./route-invoice.ts";

/**
 * Decides anew where a final invoice goes that no route took: by the billing configurations and the
 * integrations of this moment. Answers its runs; none, when still nothing takes it. Throws AppError
 * (conflict) for any other invoice, not found.
 */
export const routeAgain = (ctx: OperationContext, invoiceId: string): Promise<IntegrationRun[]> =>
  inTurnOf(ctx, invoiceId, async (tx, invoice) => {
    if (
      !isFrozen(invoice) ||
      invoice.status !== "FINALIZED" ||
      !(await isUnrouted(tx, invoiceId))
    ) {
      throw conflict(`Bill ${invoiceId} is none that waits for a route`, "not_unrouted");
    }
    await routeInvoice(tx, ctx, invoice);
    const runs = await listDeliveriesOfInvoice(tx, invoiceId);
    if (runs.length > 0) await forgetUnrouted(tx, invoiceId);
    return runs;
  });
