import type { CoreTransaction } from "../db/database.ts";
import { USD_CREDIT_TYPE_ID } from "../domain/credit-type.ts";
import { dec } from "../domain/decimal.ts";
import { instant, instantText } from "../domain/time.ts";
import { type AppError, conflict } from "../errors.ts";
import { type CommitRecord, listCommits } from "../store/commits.ts";
import type { ContractRow } from "../store/contracts.ts";
import type { CommitTerms } from "./add-commit.ts";
import type { CreateContract } from "./create-contract.ts";

const different = (reason: string): AppError => conflict(reason, "other_terms");

/**
 * Refuses terms that are not those of the contract that is there under their key. Its end may be the
 * one it was created with or the one in force; commits and credits that were added to it are its own.
 */
export async function checkSameContract(
  tx: CoreTransaction,
  row: ContractRow,
  customerId: string | undefined,
  terms: CreateContract,
): Promise<void> {
  if (row.archived_at !== null) throw different(`The contract of this key, ${row.id}, is archived`);
  if (row.customer_id !== customerId) {
    throw different(`The contract of this key, ${row.id}, is of customer ${row.customer_id}`);
  }
  checkOwnTerms(row, terms);
  if (terms.commits.length + terms.credits.length === 0) return;
  const filter = { customerId: row.customer_id, includeArchived: true };
  const own = (await listCommits(tx, filter)).filter((other) => other.row.contract_id === row.id);
  const left = new Set(own);
  for (const [list, wanted] of Object.entries({ commits: terms.commits, credits: terms.credits })) {
    for (const [n, commit] of wanted.entries()) {
      const same = [...left].find((other) => isSame(other, commit));
      if (same === undefined) {
        throw different(
          `${list}[${n}]: the contract of this key, ${row.id}, has none of its terms`,
        );
      }
      left.delete(same);
    }
  }
}

function checkOwnTerms(row: ContractRow, terms: CreateContract): void {
  const { usageSchedule: schedule, startingAt, endingBefore } = terms;
  const end = endingBefore && instantText(endingBefore);
  const live = schedule.invoiceGenerationStartingAt ?? startingAt;
  const path = "usage_statement_schedule";
  const pairs: [field: string, asked: unknown, ...there: unknown[]][] = [
    ["rate_card_id", terms.rateCardId ?? null, row.rate_card_id],
    ["starting_at", instantText(startingAt), row.starting_at],
    ["ending_before", end, row.initial_ending_before, row.ending_before],
    [`${path}.frequency`, schedule.frequency, row.usage_frequency],
    [
      `${path}.invoice_generation_starting_at`,
      instantText(live),
      row.invoice_generation_starting_at,
    ],
    ["net_payment_terms_days", terms.netPaymentTermsDays, row.net_payment_terms_days],
  ];
  for (const [field, asked, ...there] of pairs) {
    if (there.includes(asked)) continue;
    throw different(
      `${field} is ${show(asked)}, of the contract that has this key, ${row.id}, it is ${show(there.at(-1))}`,
    );
  }
}

const show = (value: unknown): string => (value === null ? "not given" : String(value));

/** Whether a commit is what these terms, which no purchase belongs to, make. */
function isSame({ row, segments }: CommitRecord, terms: CommitTerms): boolean {
  return (
    row.type === terms.type &&
    row.product_id === terms.productId &&
    row.name === terms.name &&
    row.access_credit_type_id === (terms.creditTypeId ?? USD_CREDIT_TYPE_ID) &&
    segments.length === terms.segments.length &&
    terms.segments.every(({ amount, startingAt, endingBefore }) =>
      segments.some(
        (segment) =>
          dec(segment.amount).eq(dec(amount)) &&
          instant(segment.starting_at).equals(instant(startingAt)) &&
          instant(segment.ending_before).equals(instant(endingBefore)),
      ),
    )
  );
}
