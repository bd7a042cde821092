import { productStateAt } from "../domain/pricing/product-history.ts";
import { type Instant, instantText } from "../domain/time.ts";
import type { OperationContext } from "../operations/context.ts";
import { listProductPage, toProduct } from "../store/products.ts";
import { findRateCardByAlias } from "../store/rate-card-aliases.ts";
import { listRateCards } from "../store/rate-cards.ts";

/** More than any catalogue has. */
const MOST = 1_000_000;

/** Ids by id and by name; null: several have that name. */
export type Names = ReadonlyMap<string, string | null>;

function nameAll(named: readonly { readonly id: string; readonly name: string }[]): Names {
  const names = new Map<string, string | null>(named.map(({ id }) => [id, id]));
  for (const { id, name } of named) names.set(name, names.has(name) ? null : id);
  return names;
}

/** The environment's products, or those of a type, that are not archived. */
export async function productNames(
  { db, environment, now }: OperationContext,
  type?: "FIXED",
): Promise<Names> {
  const all = { after: undefined, limit: MOST };
  const filter = { environmentId: environment.id, archived: "NOT_ARCHIVED" as const, ...all };
  const products = (await listProductPage(db, filter)).map(toProduct);
  return nameAll(
    products
      .filter((product) => type === undefined || product.type === type)
      .map(({ id, versions }) => ({ id, name: productStateAt(versions, now).name })),
  );
}

/** A rate card with the currency of all that is sold by it. */
export interface FoundCard {
  readonly id: string;
  readonly creditTypeId: string;
}

/** Finds a rate card by its id, an alias at an instant, or its name; null: several have that name. */
export type FindRateCard = (text: string, at: Instant) => Promise<FoundCard | null | undefined>;

/** The environment's rate cards that are not archived. */
export async function rateCardFinder(ctx: OperationContext): Promise<FindRateCard> {
  const environmentId = ctx.environment.id;
  const cards = await listRateCards(ctx.db, { environmentId, after: undefined, limit: MOST });
  const byId = new Map(
    cards.map(({ id, fiat_credit_type_id: creditTypeId }) => [id, { id, creditTypeId }]),
  );
  const names = nameAll(cards);
  const byAlias = new Map<string, Promise<string | undefined>>();
  const findAlias = (name: string, at: string) => {
    const key = `${at} ${name}`;
    const known = byAlias.get(key) ?? findRateCardByAlias(ctx.db, { environmentId, name, at });
    byAlias.set(key, known);
    return known;
  };
  return async (text, at) => {
    const card = byId.get(text.toLowerCase());
    if (card !== undefined) return card;
    const id = (await findAlias(text, instantText(at))) ?? names.get(text);
    return id == null ? id : byId.get(id);
  };
}
