import { type Instant, instant, isBefore, sameInstant, Temporal } from "../time.ts";
import type { ProductVersion } from "./product.ts";

/** Everything about a product that may change with time. */
export type ProductState = Omit<ProductVersion, "startingAt">;

/** A dated update: the fields it sets, from `startingAt` on. */
export interface ProductUpdate {
  readonly startingAt: Instant;
  readonly changes: Partial<ProductState>;
}

/** Before anything that can be billed: what a product was created as also serves the past. */
const ALWAYS: Instant = instant("0001-01-01T00:00:00Z");

/**
 * The versions of a product, earliest first. Updates are given in the order in which they were made
 * and may be dated before earlier ones; each keeps what it does not set as it is at its own date, so
 * a later dated update goes on to apply. Of two that set one field at one instant the later made wins.
 */
export function productVersions(
  initial: ProductState,
  updates: readonly ProductUpdate[],
): ProductVersion[] {
  const versions: ProductVersion[] = [{ ...initial, startingAt: ALWAYS }];
  const inOrder = [...updates].sort((a, b) => Temporal.Instant.compare(a.startingAt, b.startingAt));
  for (const { startingAt, changes } of inOrder) {
    const before = versions.at(-1) ?? { ...initial, startingAt };
    if (sameInstant(before.startingAt, startingAt)) versions.pop();
    versions.push({ ...before, ...changes, startingAt });
  }
  return versions;
}

/** What a product is at an instant, from the versions of `productVersions`. */
export function productStateAt(versions: readonly ProductVersion[], at: Instant): ProductVersion {
  const found = versions.findLast((version) => !isBefore(at, version.startingAt)) ?? versions[0];
  if (found === undefined) throw new RangeError("A product has at least one version");
  return found;
}
