import type { Decimal } from "../domain/decimal.ts";
import type { RecurringCommit } from "../domain/recurring/recurring-commit.ts";
import { type Instant, instant } from "../domain/time.ts";
import { invalid, notFound } from "../errors.ts";
import {
  listRecurringCommits,
  type RecurringCommitRow,
  updateRecurringCommit,
} from "../store/recurring-commits.ts";
import { addRecurringCommits, type RecurringCommitTerms } from "./add-recurring-commits.ts";
import { namedProducts } from "./check-commit-terms.ts";
import { checkProducts } from "./check-products.ts";
import { checkRecurringEnd } from "./check-recurring-commit.ts";
import type { ChangeScope } from "./edit-contract.ts";

/**
 * Adds recurring commits or credits to a contract that is there already and returns their ids;
 * `field` names them in messages.
 */
export async function addRecurringTo(
  { tx, ctx, contract, temporaryIds }: ChangeScope,
  all: readonly RecurringCommitTerms[],
  field: string,
): Promise<string[]> {
  const sold = all.map(({ productId: id }, n) => ({ id, path: `${field}[${n}].product_id` }));
  await checkProducts(ctx, sold, all.flatMap(namedProducts));
  return addRecurringCommits(tx, ctx, all, contract, { field, temporaryIds });
}

interface AmountUpdate {
  readonly unitPrice: Decimal | undefined;
  readonly quantity: Decimal | undefined;
}

/** What to change of a recurring commit or credit; what is absent stays. */
export interface RecurringCommitUpdate {
  readonly id: string;
  readonly access: AmountUpdate | undefined;
  readonly invoice: AmountUpdate | undefined;
  readonly rateType: RecurringCommit["rateType"] | undefined;
  /** null: until the contract ends. */
  readonly endingBefore: Instant | null | undefined;
}

/**
 * Changes recurring commits (or credits, by `type`) of a contract. Children that have started stay;
 * those ahead follow when the contract's invoices are opened. `field` names the updates in messages.
 */
export async function updateRecurringCommits(
  { tx, contract }: ChangeScope,
  type: RecurringCommit["type"],
  updates: readonly RecurringCommitUpdate[],
  field: string,
): Promise<void> {
  for (const [n, update] of updates.entries()) {
    const rows = (await listRecurringCommits(tx, [contract.id])).get(contract.id) ?? [];
    const row = rows.find((known) => known.id === update.id && known.type === type);
    if (row === undefined) {
      throw notFound(type === "COMMIT" ? "recurring commit" : "recurring credit", update.id);
    }
    checkUpdate(update, row, `${field}[${n}].`);
    const { access, invoice, rateType, endingBefore } = update;
    await updateRecurringCommit(tx, row.id, {
      ...(access?.unitPrice && { accessUnitPrice: access.unitPrice }),
      ...(access?.quantity && { accessQuantity: access.quantity }),
      ...(invoice?.unitPrice && { invoiceUnitPrice: invoice.unitPrice }),
      ...(invoice?.quantity && { invoiceQuantity: invoice.quantity }),
      ...(invoice && { invoiceCreditTypeId: contract.fiat_credit_type_id }),
      ...(rateType && { rateType }),
      ...(endingBefore !== undefined && { endingBefore }),
    });
  }
}

function checkUpdate(
  { access, invoice, rateType, endingBefore }: RecurringCommitUpdate,
  row: RecurringCommitRow,
  path: string,
): void {
  const refuse = (field: string, message: string) =>
    invalid(`${path}${field} ${message}`, `${path}${field}`);
  if (access?.quantity !== undefined && row.subscription_id !== null) {
    throw refuse("access_amount.quantity", "is the subscription's under a subscription_config");
  }
  const isHalf = invoice?.unitPrice === undefined || invoice.quantity === undefined;
  if (invoice !== undefined && row.invoice_unit_price === null && isHalf) {
    throw refuse("invoice_amount", "must have unit_price and quantity: nothing is billed so far");
  }
  if (endingBefore != null) checkRecurringEnd(instant(row.starting_at), endingBefore, path);
  const wishes = [access?.unitPrice, access?.quantity, invoice?.unitPrice, invoice?.quantity];
  if ([...wishes, rateType, endingBefore].every((wish) => wish === undefined)) {
    throw invalid(`${path.slice(0, -1)} changes nothing`, path.slice(0, -1));
  }
}
