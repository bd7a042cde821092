import type { CoreTransaction } from "../db/database.ts";
import { type CreditLine, leftToCredit } from "../domain/credit-notes/creditable.ts";
import { type Decimal, isPositive, min, ZERO } from "../domain/decimal.ts";
import type { DrawDown } from "../domain/invoices/invoice.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import type { InvoiceLine } from "../domain/invoices/line.ts";
import { totalsOf } from "../domain/rating/totals.ts";
import { instantText } from "../domain/time.ts";
import { assert } from "../errors.ts";
import { insertCreditNote } from "../store/credit-notes.ts";
import { type FrozenInvoice, getInvoice, isFrozen } from "../store/invoices.ts";
import { insertCorrection, listCorrectionsOf } from "../store/usage-corrections.ts";
import { announceCreditNote } from "./announce-credit-note.ts";
import type { OperationContext } from "./context.ts";
import type { OpenCorrection } from "./correct-usage.ts";
import { addedMinor, ownersOf, toCredited } from "./issue-credit-note.ts";
import { issueSupplementary } from "./issue-supplementary.ts";
import { postReturned, postTrueUps } from "./post-returned.ts";
import { sendCreditNote } from "./send-credit-note.ts";

/** What a correction changes of what commits have paid; a negative amount is given back. */
interface Balances {
  readonly drawDowns: readonly DrawDown[];
  readonly trueUps: readonly DrawDown[];
}

const NO_BALANCES: Balances = { drawDowns: [], trueUps: [] };

/** What a correction's credit notes give back, and of what. */
interface Giving extends Balances {
  readonly lines: readonly CreditLine[];
  readonly total: Decimal;
}

const REASON = "late_usage";

/**
 * Less is owed than was billed: credit notes give the difference back, of the newest invoice that
 * billed the period first, and of each no more than is left of it. What people have credited already
 * is not given back twice.
 */
export async function creditDifference(
  tx: CoreTransaction,
  ctx: OperationContext,
  correction: OpenCorrection,
): Promise<void> {
  const { rated, invoice } = correction;
  await insertUncarried(tx, ctx, correction);
  const whole = {
    lines: toCreditLines(rated.lines, invoice.creditTypeId),
    total: rated.total.neg(),
  };
  let rest = whole.total;
  let balances: Balances = { drawDowns: rated.drawDowns, trueUps: rated.trueUps };
  for (const bearer of await listBearers(tx, ctx, invoice)) {
    const left = leftToCredit(await toCredited(tx, bearer));
    const total = min(rest, left);
    if (!isPositive(total)) continue;
    const lines = total.eq(whole.total) ? whole.lines : [partLine(total)];
    await insertNote(tx, ctx, correction, bearer, { lines, total, ...balances });
    rest = rest.minus(total);
    balances = NO_BALANCES;
  }
  // Nothing is left to credit, and commits have back what they are due all the same.
  if (balances.drawDowns.length + balances.trueUps.length > 0) {
    await insertNote(tx, ctx, correction, invoice, { lines: [], total: ZERO, ...balances });
  }
  if (isPositive(rest)) {
    ctx.services.logger.warn(
      { invoiceId: invoice.id, customerId: invoice.customerId },
      "late usage lowers an invoice by more than credit notes have left of it",
    );
  }
}

/**
 * More is owed: what was billed of usage is credited, and billed anew with what came late. False when
 * one credit note cannot do that, because several invoices have billed the period, or a part of it
 * was credited by a person.
 */
export async function creditAndRebill(
  tx: CoreTransaction,
  ctx: OperationContext,
  correction: OpenCorrection,
): Promise<boolean> {
  const { rated, invoice } = correction;
  const earlier = (await listCorrectionsOf(tx, invoice.id)).filter((one) => one.voidedAt === null);
  if (earlier.some(({ policy }) => policy !== "credit_note")) return false;
  const [bearer] = await listBearers(tx, ctx, invoice);
  assert(bearer !== undefined, `invoice ${invoice.id} billed its period`);
  const { billed } = rated.late;
  const { total } = totalsOf(billed.lines, invoice.creditTypeId);
  const left = leftToCredit(await toCredited(tx, bearer));
  if (total.lt(ZERO) || total.gt(left) || rated.late.returned.length > 0) return false;
  const trueUps = rated.lines.filter(({ type }) => type === "commit_purchase");
  const lines = [...rated.billed.lines, ...trueUps];
  await issueSupplementary(tx, ctx, correction, {
    lines,
    drawDowns: rated.billed.drawDowns,
    trueUps: rated.trueUps,
    ...totalsOf(lines, invoice.creditTypeId),
  });
  await insertNote(tx, ctx, correction, bearer, {
    lines: toCreditLines(
      billed.lines.map((line) => ({ ...line, total: line.total.neg() })),
      invoice.creditTypeId,
    ),
    total,
    drawDowns: billed.drawDowns.map(giveBack),
    trueUps: [],
  });
  return true;
}

/** The invoices that have billed the period, newest first. */
async function listBearers(
  tx: CoreTransaction,
  ctx: OperationContext,
  invoice: FrozenInvoice,
): Promise<FrozenInvoice[]> {
  const corrections = (await listCorrectionsOf(tx, invoice.id)).toReversed();
  const bearers: FrozenInvoice[] = [];
  for (const { carrierInvoiceId, voidedAt } of corrections) {
    if (carrierInvoiceId === null || voidedAt !== null) continue;
    const carrier = await getInvoice(tx, ctx.environment.id, carrierInvoiceId);
    if (isFrozen(carrier) && carrier.status === "FINALIZED") bearers.push(carrier);
  }
  return [...bearers, invoice];
}

const insertUncarried = (
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, invoice, sequence, policy, rated }: OpenCorrection,
): Promise<void> =>
  insertCorrection(tx, {
    id,
    environmentId: ctx.environment.id,
    invoiceId: invoice.id,
    sequence,
    policy,
    carrierInvoiceId: null,
    total: rated.total,
    billed: rated.billed,
    createdAt: instantText(ctx.now),
  });

async function insertNote(
  tx: CoreTransaction,
  ctx: OperationContext,
  correction: OpenCorrection,
  bearer: FrozenInvoice,
  { lines, total, drawDowns, trueUps }: Giving,
): Promise<void> {
  const id = uuidV5(correction.id, `credit-note/${bearer.id}`);
  const amountMinor = addedMinor(bearer, await toCredited(tx, bearer), lines);
  await insertCreditNote(tx, {
    id,
    ...ownersOf(bearer),
    correctionId: correction.id,
    reason: REASON,
    memo: null,
    lines,
    total,
    tax: ZERO,
    amountMinor,
    issuedAt: instantText(ctx.now),
    issuedBy: "ledgerline",
  });
  const note = { id, invoiceId: bearer.id };
  await postReturned(tx, ctx, note, drawDowns.map(giveBack));
  await postTrueUps(tx, ctx, note, trueUps.map(giveBack));
  await sendCreditNote(tx, ctx, { id, amountMinor }, bearer);
  await announceCreditNote(tx, ctx, "credit_note.issued", { id, ...ownersOf(bearer), total });
}

const giveBack = (one: DrawDown): DrawDown => ({ ...one, amount: one.amount.neg() });

const partLine = (amount: Decimal): CreditLine => ({
  lineKey: null,
  name: "Part of a correction of late usage",
  amount,
  returned: null,
});

/** Differences as what they credit: a line that became less by 5 is credited 5. */
function toCreditLines(lines: readonly InvoiceLine[], currencyId: string): CreditLine[] {
  return lines.flatMap((line) => {
    const counted = totalsOf([line], currencyId).total;
    if (counted.eq(ZERO)) return [];
    const lineKey = line.lineKey.replace(/^late\/[^/]+\//, "").replace(/\/was$/, "");
    return [{ lineKey, name: line.name, amount: counted.neg(), returned: null }];
  });
}
