import type { CoreDb, CoreTransaction } from "../db/database.ts";

/** The products of these cards in the order of invoice lines, by card. */
export async function listProductOrders(
  db: CoreDb,
  rateCardIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (rateCardIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("rate_card_products")
    .select(["rate_card_id", "product_id"])
    .where("rate_card_id", "in", [...new Set(rateCardIds)])
    .orderBy("position")
    .execute();
  const byCard = Map.groupBy(rows, (row) => row.rate_card_id);
  return new Map([...byCard].map(([id, products]) => [id, products.map((row) => row.product_id)]));
}

/** Replaces the order of a card's products. */
export async function updateProductOrder(
  tx: CoreTransaction,
  rateCardId: string,
  productIds: readonly string[],
): Promise<void> {
  await tx.deleteFrom("rate_card_products").where("rate_card_id", "=", rateCardId).execute();
  if (productIds.length === 0) return;
  await tx
    .insertInto("rate_card_products")
    .values(
      productIds.map((productId, position) => ({
        rate_card_id: rateCardId,
        product_id: productId,
        position,
      })),
    )
    .execute();
}
