import type { Static } from "typebox";
import { toText } from "../domain/decimal.ts";
import { type Instant, instantText } from "../domain/time.ts";
import { fromCreateContract, NewCustomerContractField } from "../http/schemas/create-contract.ts";
import { CreateCustomer, fromCreateCustomer } from "../http/schemas/create-customer.ts";
import { describeProblems, validatorOf } from "../http/validation.ts";
import type { ContractImport } from "../operations/import-contract.ts";
import type { FoundCard } from "./catalogue.ts";
import { RowError } from "./cells.ts";
import { inColumns } from "./contract-columns.ts";
import type { OpeningBalance } from "./read-balance.ts";

/** What the rows of a contract say alike; `row` is the first of them. */
export interface ContractTerms {
  readonly row: number;
  readonly key: string;
  readonly customer: string;
  readonly customerName: string | undefined;
  readonly card: FoundCard;
  readonly startingAt: Instant;
  readonly endingBefore: Instant | null;
  readonly generationStartingAt: Instant;
  readonly usageFrequency: string;
  readonly netPaymentTermsDays: number | null;
}

type ContractBody = Static<typeof NewCustomerContractField>;

const validateContract = validatorOf(NewCustomerContractField, "body");
const validateCustomer = validatorOf(CreateCustomer, "body");

/** The request that the API would get for a contract of a file, under the API's own rules. Throws RowError. */
export function toContractImport(
  terms: ContractTerms,
  balances: readonly OpeningBalance[],
): ContractImport {
  const ofType = (wanted: OpeningBalance["type"]) => balances.filter(({ type }) => type === wanted);
  const lists = { commits: ofType("PREPAID"), credits: ofType("CREDIT") };
  const body = {
    starting_at: instantText(terms.startingAt),
    ending_before: terms.endingBefore && instantText(terms.endingBefore),
    uniqueness_key: terms.key,
    rate_card_id: terms.card.id,
    net_payment_terms_days: terms.netPaymentTermsDays,
    usage_statement_schedule: {
      frequency: terms.usageFrequency as "MONTHLY",
      invoice_generation_starting_at: instantText(terms.generationStartingAt),
    },
    commits: lists.commits.map((one) => ({
      ...toGrant(one, terms.card),
      type: "PREPAID" as const,
    })),
    credits: lists.credits.map((one) => toGrant(one, terms.card)),
  } satisfies ContractBody;
  check(validateContract, body, terms, balances);
  return {
    key: terms.key,
    customer: terms.customer,
    newCustomer: toCustomer(terms),
    termsFor: (customerId) => fromCreateContract({ ...body, customer_id: customerId }),
  };
}

/** A commit without a schedule of invoices is free: it was paid where it comes from. */
const toGrant = (balance: OpeningBalance, card: FoundCard) => ({
  product_id: balance.productId,
  ...(balance.name === undefined ? {} : { name: balance.name }),
  access_schedule: {
    credit_type_id: card.creditTypeId,
    schedule_items: [
      {
        amount: toText(balance.amount),
        starting_at: instantText(balance.startingAt),
        ending_before: instantText(balance.endingBefore),
      },
    ],
  },
});

function toCustomer(terms: ContractTerms): ContractImport["newCustomer"] {
  if (terms.customerName === undefined) return undefined;
  const body = { name: terms.customerName, ingest_aliases: [terms.customer] };
  check(validateCustomer, body, terms, []);
  return fromCreateCustomer(body);
}

/** Brings a body into its normal form, as a request's. Throws RowError. */
function check(
  validate: typeof validateContract,
  body: object,
  { row }: ContractTerms,
  balances: readonly OpeningBalance[],
): void {
  if (validate(body)) return;
  const [problem] = describeProblems(validate.errors ?? []);
  const message = problem?.message ?? "is not valid";
  throw new RowError(`row ${rowOf(message, balances) ?? row}: ${inColumns(message)}`);
}

/** The row of the opening balance that a message of the API is about. */
export function rowOf(message: string, balances: readonly OpeningBalance[]): number | undefined {
  const [, list, index] = /(commits|credits)\[(\d+)\]/.exec(message) ?? [];
  if (list === undefined) return undefined;
  const type = list === "commits" ? "PREPAID" : "CREDIT";
  return balances.filter((balance) => balance.type === type)[Number(index)]?.row;
}
