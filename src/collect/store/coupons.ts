import { type Selectable, sql, type Updateable } from "kysely";
import { violatedConstraint } from "../../platform/database/database.ts";
import type { CouponsTable } from "../db/totals-tables.ts";
import { missing, refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type CouponRow = Selectable<CouponsTable>;

const ofScope = (scope: Scope) =>
  scope.tx
    .selectFrom("coupons")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode);

/** Throws 404 when there is no such coupon or it was deleted. */
export async function getCoupon(scope: Scope, id: string): Promise<CouponRow> {
  const row = await ofScope(scope)
    .where("id", "=", id)
    .where("deleted", "=", false)
    .executeTakeFirst();
  if (row === undefined) throw missing("coupon", id);
  return row;
}

/** Like getCoupon, and keeps others from redeeming it until the transaction ends. */
export async function lockCoupon(scope: Scope, id: string): Promise<CouponRow> {
  const row = await findAndLockCoupon(scope, id);
  if (row === undefined) throw missing("coupon", id);
  return row;
}

/** Like lockCoupon; undefined when there is none. */
export async function findAndLockCoupon(scope: Scope, id: string): Promise<CouponRow | undefined> {
  return ofScope(scope)
    .where("id", "=", id)
    .where("deleted", "=", false)
    .forUpdate()
    .executeTakeFirst();
}

/** Those that exist or existed, by id. */
export async function listCouponsById(
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CouponRow>> {
  if (ids.length === 0) return new Map();
  const rows = await ofScope(scope)
    .where("id", "in", [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Throws 400 resource_already_exists when the id, which callers may choose, is or was taken. */
export async function insertCoupon(
  scope: Scope,
  coupon: NewObject<CouponsTable>,
): Promise<CouponRow> {
  try {
    return await scope.tx
      .insertInto("coupons")
      .values({ ...coupon, ...ownership(scope) })
      .returningAll()
      .executeTakeFirstOrThrow();
  } catch (error) {
    if (violatedConstraint(error) !== "coupons_pkey") throw error;
    throw refused("resource_already_exists", `Coupon already exists: '${coupon.id}'`, "id");
  }
}

/** Changes a locked coupon. */
export async function updateCoupon(
  scope: Scope,
  id: string,
  changes: Pick<Updateable<CouponsTable>, "deleted" | "name" | "metadata">,
): Promise<CouponRow> {
  return scope.tx
    .updateTable("coupons")
    .set(changes)
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Counts one more redemption of a locked coupon. */
export async function countRedemption(scope: Scope, id: string): Promise<void> {
  await scope.tx
    .updateTable("coupons")
    .set({ times_redeemed: sql`times_redeemed + 1` })
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .execute();
}

/** Newest first, without those that were deleted. */
export async function listCoupons(scope: Scope, page: PageQuery): Promise<Page<CouponRow>> {
  const query = scope.tx.selectFrom("coupons").selectAll().where("deleted", "=", false);
  return listPage(scope, "coupons", "coupon", query, page);
}
