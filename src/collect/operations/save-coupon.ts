import type { CouponDuration } from "../db/totals-tables.ts";
import { mergeMetadata } from "../domain/metadata.ts";
import { refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import { toCoupon } from "../serializers/to-coupon.ts";
import { type CouponRow, insertCoupon, lockCoupon, updateCoupon } from "../store/coupons.ts";
import { listProductsById } from "../store/products.ts";
import { previousAttributes } from "./changes.ts";
import { recordEvent } from "./record-event.ts";

export interface NewCoupon {
  readonly id?: string | undefined;
  readonly name: string | null;
  /** Decimal text; this or an amount. */
  readonly percentOff: string | null;
  readonly amountOff: { readonly minor: bigint; readonly currency: string } | null;
  readonly duration: CouponDuration;
  readonly durationInMonths: number | null;
  readonly maxRedemptions: number | null;
  readonly redeemByAt: string | null;
  readonly products: readonly string[] | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Makes a coupon. Throws 400 when a product that it is for does not exist. */
export async function createCoupon(scope: Scope, coupon: NewCoupon): Promise<CouponRow> {
  const known = await listProductsById(scope, coupon.products ?? []);
  const unknown = coupon.products?.findIndex((id) => !known.has(id)) ?? -1;
  if (unknown >= 0) {
    throw refused(
      "resource_missing",
      `No such product: '${coupon.products?.[unknown]}'`,
      `applies_to[products][${unknown}]`,
    );
  }
  const row = await insertCoupon(scope, {
    id: coupon.id ?? newId("co").slice("co_".length),
    name: coupon.name,
    percent_off: coupon.percentOff,
    amount_off_minor: coupon.amountOff?.minor ?? null,
    currency: coupon.amountOff?.currency ?? null,
    duration: coupon.duration,
    duration_in_months: coupon.durationInMonths,
    max_redemptions: coupon.maxRedemptions,
    redeem_by_at: coupon.redeemByAt,
    applies_to_products: JSON.stringify(coupon.products),
    metadata: JSON.stringify(coupon.metadata),
  });
  recordEvent(scope, { type: "coupon.created", object: toCoupon(row, scope.nowAt) });
  return row;
}

export interface CouponChanges {
  readonly name?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
}

/** Changes a coupon's name or metadata; what it takes off stays. Throws 404. */
export async function changeCoupon(
  scope: Scope,
  id: string,
  { name, metadata }: CouponChanges,
): Promise<CouponRow> {
  const before = await lockCoupon(scope, id);
  const after = await updateCoupon(scope, id, {
    name: name === undefined ? before.name : name,
    metadata: JSON.stringify(mergeMetadata(before.metadata, metadata)),
  });
  const object = toCoupon(after, scope.nowAt);
  const previous = previousAttributes(toCoupon(before, scope.nowAt), object);
  if (previous !== undefined) {
    recordEvent(scope, { type: "coupon.updated", object, previousAttributes: previous });
  }
  return after;
}

/** Nobody can redeem it any more; discounts that were made of it stay. Throws 404. */
export async function deleteCoupon(scope: Scope, id: string): Promise<void> {
  const coupon = await lockCoupon(scope, id);
  await updateCoupon(scope, id, { deleted: true });
  const object = { ...toCoupon(coupon, scope.nowAt), valid: false };
  recordEvent(scope, { type: "coupon.deleted", object });
}
