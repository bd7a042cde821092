import type Stripe from "stripe";
import type { Delivered, Discrepancy } from "../../reconciliation.ts";
import { NOTE_KEY } from "../credit-note-step.ts";
import type { StripeDocument } from "../document.ts";
import { statedTaxOf } from "../stated-tax.ts";

const sumOf = (amounts: readonly { readonly amount: number }[] | null): number =>
  (amounts ?? []).reduce((total, { amount }) => total + amount, 0);

const taxOf = (invoice: Stripe.Invoice): number => sumOf(invoice.total_taxes);

/** Discounts, taxes, and what is left that the lines do not explain. Pure. */
export function compareTotals(
  document: StripeDocument,
  invoice: Stripe.Invoice,
  haveLinesChanged: boolean,
): Discrepancy[] {
  const discrepancies: Discrepancy[] = [];
  const discounted = sumOf(invoice.total_discount_amounts);
  const isDiscounted = invoice.discounts.length > 0 || discounted !== 0;
  if (isDiscounted) {
    discrepancies.push({
      class: "discount_added",
      subject: "",
      expected: { discount_minor: "0" },
      found: { discount_minor: String(discounted), discounts: invoice.discounts.length },
    });
  }
  const isTaxed =
    taxOf(invoice) !== 0 || invoice.automatic_tax.enabled || invoice.default_tax_rates.length > 0;
  const stated = statedTaxOf(document);
  const isStatedElsewhere = document.tax.mode === "precalculated";
  if (isStatedElsewhere && BigInt(taxOf(invoice)) !== stated) {
    discrepancies.push({
      class: "tax_unexpected",
      subject: "",
      expected: { tax_minor: stated.toString() },
      found: { tax_minor: String(taxOf(invoice)) },
    });
  }
  if (document.tax.mode === "none" && isTaxed) {
    discrepancies.push({
      class: "tax_unexpected",
      subject: "",
      expected: { tax_minor: "0" },
      found: {
        tax_minor: String(taxOf(invoice)),
        automatic_tax: invoice.automatic_tax.enabled,
        tax_rates: invoice.default_tax_rates.map(({ id }) => id),
      },
    });
  }
  const net = BigInt(invoice.total - taxOf(invoice));
  if (!haveLinesChanged && !isDiscounted && net !== document.totalMinor) {
    discrepancies.push({
      class: "edited_total",
      subject: "",
      expected: { total_minor: document.totalMinor.toString() },
      found: { total_minor: net.toString() },
    });
  }
  return discrepancies;
}

/** Money that came twice, too much of it, or none at all for an invoice that is paid. Pure. */
export function comparePayments(invoice: Stripe.Invoice): Discrepancy[] {
  const paid = (invoice.payments?.data ?? []).filter(({ status }) => status === "paid");
  const received = paid.reduce((total, payment) => total + (payment.amount_paid ?? 0), 0);
  const over = Math.max(invoice.amount_overpaid, received - invoice.amount_due);
  if (over > 0) {
    return [
      {
        class: paid.length > 1 ? "paid_twice" : "overpaid",
        subject: "",
        expected: { amount_minor: String(invoice.amount_due) },
        found: { amount_minor: String(received), over_minor: String(over), payments: paid.length },
      },
    ];
  }
  const credited = invoice.pre_payment_credit_notes_amount;
  const owed = invoice.total - credited;
  if (invoice.status !== "paid" || invoice.amount_paid > 0 || owed <= 0) return [];
  return [
    {
      class: "paid_without_money",
      subject: "",
      expected: { amount_paid_minor: String(owed) },
      found: {
        amount_paid_minor: "0",
        starting_balance_minor: String(invoice.starting_balance),
        ending_balance_minor: String(invoice.ending_balance ?? 0),
      },
    },
  ];
}

/** Credit notes of ours that are not there, and those that are there and not ours. Pure. */
export function compareNotes(
  { notes: ours }: Pick<Delivered, "notes">,
  theirs: readonly Stripe.CreditNote[],
): Discrepancy[] {
  const idOf = (note: Stripe.CreditNote) => note.metadata?.[NOTE_KEY];
  const missing = ours
    .filter(({ wanted }) => wanted === "issued")
    .flatMap(({ id, amountMinor }): Discrepancy[] => {
      const there = theirs.find((note) => idOf(note) === id);
      if (there?.status === "issued" && BigInt(there.amount) === amountMinor) return [];
      return [
        {
          class: "credit_note_missing",
          subject: id,
          expected: { credit_note_id: id, amount_minor: amountMinor.toString() },
          found:
            there === undefined
              ? {}
              : { id: there.id, status: there.status, amount_minor: String(there.amount) },
        },
      ];
    });
  const standing = new Set(ours.filter(({ wanted }) => wanted !== "void").map(({ id }) => id));
  const extra = theirs
    .filter((note) => note.status === "issued" && !standing.has(idOf(note) ?? ""))
    .map(
      (note): Discrepancy => ({
        class: "credit_note_extra",
        subject: note.id,
        expected: {},
        found: {
          id: note.id,
          amount_minor: String(note.amount),
          credit_note_id: idOf(note) ?? null,
        },
      }),
    );
  return [...missing, ...extra];
}
