import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listProductOrders, updateProductOrder } from "../store/rate-card-products.ts";
import { lockRateCard } from "../store/rate-cards.ts";
import type { OperationContext } from "./context.ts";

export interface ProductMove {
  readonly productId: string;
  /** Where it is to stand, counted from 0; beyond the end means last. */
  readonly position: number;
}

type Reorder = (order: readonly string[]) => string[];

/** Puts the named products first, in this order; others of the card follow as they were. */
export const orderProducts = (
  ctx: OperationContext,
  rateCardId: string,
  order: readonly string[],
) =>
  reorder(ctx, rateCardId, order, (before) => [
    ...order,
    ...before.filter((id) => !order.includes(id)),
  ]);

/** Moves single products, one after the other. */
export const moveProducts = (
  ctx: OperationContext,
  rateCardId: string,
  moves: readonly ProductMove[],
) =>
  reorder(
    ctx,
    rateCardId,
    moves.map(({ productId }) => productId),
    (before) =>
      moves.reduce<string[]>(
        (order, { productId, position }) => {
          return order.filter((id) => id !== productId).toSpliced(position, 0, productId);
        },
        [...before],
      ),
  );

async function reorder(
  ctx: OperationContext,
  rateCardId: string,
  named: readonly string[],
  change: Reorder,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await lockRateCard(tx, ctx.environment.id, rateCardId);
    const before = (await listProductOrders(tx, [rateCardId])).get(rateCardId) ?? [];
    const missing = named.find((id) => !before.includes(id));
    if (missing !== undefined) throw invalid(`No such product in rate card: ${missing}`);
    if (new Set(named).size < named.length) throw invalid("A product is named twice");
    await updateProductOrder(tx, rateCardId, change(before));
  });
}
