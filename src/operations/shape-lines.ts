import { shapeLines as decide, type LineShape } from "../domain/integrations/shape-lines.ts";
import type { DeliverableInvoice } from "../providers/deliverable-invoice.ts";
import { listProductMetrics } from "../store/product-metrics.ts";
import type { OperationContext } from "./context.ts";

/** The part of an invoice that a route sends, in the route's order; without a shape all of it. */
export async function shapeInvoice(
  ctx: OperationContext,
  invoice: DeliverableInvoice,
  shape: LineShape | undefined,
): Promise<DeliverableInvoice> {
  if (shape === undefined) return invoice;
  const metrics =
    shape.sortLineItemsBy === "AGGREGATION_ID"
      ? await listProductMetrics(
          ctx.db,
          invoice.lines.flatMap(({ productId }) => (productId === null ? [] : [productId])),
        )
      : new Map<string, string>();
  const shaped = decide(invoice, shape, ({ type, productId }) =>
    type === "usage" && productId !== null ? metrics.get(productId) : undefined,
  );
  return { ...invoice, ...shaped };
}
