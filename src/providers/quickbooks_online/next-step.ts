import { toText } from "../../domain/decimal.ts";
import type { LearnedField, NamedRequest, Step } from "../delivery-step.ts";
import type { QuickBooksDocument, WantedItem } from "./document.ts";
import { CUSTOMER_FIELD, ITEM_FIELD, toLearned } from "./mapped-fields.ts";
import { toOwnName } from "./names.ts";
import { isVoided, type SalesDocument, toExternalState } from "./sales-document.ts";
import { type Resolved, toCreate, toCreateCustomer, toCreateItem } from "./to-requests.ts";

/** What a name was found to be: something of the company, or nobody's. */
export type Found =
  | { readonly id: string }
  /** `refused`: names under which it could not be made, because somebody else has them. */
  | {
      readonly id: undefined;
      readonly refused: readonly string[];
      /** Several things of the company have the name. */
      readonly isAmbiguous?: boolean;
    };

export type QuickBooksObserved =
  | { readonly state: "found"; readonly document: SalesDocument }
  | { readonly state: "deleted"; readonly externalId: string }
  | {
      readonly state: "none";
      /** Numbers of ours that other documents have. */
      readonly takenNumbers: readonly string[];
      readonly customer: Found;
      /** In which the customer pays; undefined: not looked at, or not told. */
      readonly customerCurrency?: string | undefined;
      /** By our product, of those that no custom field maps. */
      readonly items: ReadonlyMap<string, Found>;
    };

type Nothing = Extract<QuickBooksObserved, { state: "none" }>;

const refuse = (code: string, message: string): Step => ({ step: "refuse", code, message });

/** The first of these names that is not refused. */
const freeName = (names: readonly string[], refused: readonly string[]): string | undefined =>
  names.find((name) => !refused.includes(name));

function makeCustomer(document: QuickBooksDocument, refused: readonly string[]): Step {
  const { customer, createCustomers } = document;
  if (customer.id !== undefined) throw new Error("a customer with an id is not made");
  if (!createCustomers) {
    return refuse(
      "customer_missing",
      `QuickBooks has no customer "${customer.name}", and create_customers is off. Make it there, or set the customer's custom field ${CUSTOMER_FIELD}, then retry.`,
    );
  }
  const name = freeName([customer.name, toOwnName(customer.name, customer.ourId)], refused);
  return name === undefined
    ? refuse(
        "customer_name_taken",
        `QuickBooks has the name "${customer.name}" already, for a vendor, an employee or an inactive customer. Set the customer's custom field ${CUSTOMER_FIELD}, then retry.`,
      )
    : { step: "write", name: "customer", request: toCreateCustomer(document, name) };
}

type UnmappedItem = Extract<WantedItem, { id: undefined }>;

const unmappedItems = ({ lines }: QuickBooksDocument): Map<string, UnmappedItem> =>
  new Map(lines.flatMap(({ item }) => (item.id === undefined ? [[item.productId, item]] : [])));

function refuseItem(item: UnmappedItem, isAmbiguous: boolean | undefined): Step {
  const why = isAmbiguous
    ? `QuickBooks has several items "${item.name}" below others, and nothing says which is meant by the product ${item.productId}.`
    : `The product "${item.name}" (${item.productId}) has no item in QuickBooks.`;
  return refuse(
    "item_missing",
    `${why} Set its custom field ${ITEM_FIELD}, or the connection's default_item_id, or create_items with income_account_id; then retry.`,
  );
}

/**
 * Makes the items that are missing, one after the other, unless one of them cannot be made: then nothing is. undefined:
 * every line has one.
 */
function makeItems(document: QuickBooksDocument, { items }: Nothing): Step | undefined {
  const writes: NamedRequest[] = [];
  for (const [productId, item] of unmappedItems(document)) {
    const found = items.get(productId);
    if (found?.id !== undefined) continue;
    const refused = found?.refused ?? [];
    const name = freeName([item.name, toOwnName(item.name, productId)], refused);
    if (document.incomeAccountId !== undefined && name !== undefined) {
      const request = toCreateItem(document, name, document.incomeAccountId);
      writes.push({ name: `item-${productId}`, request });
    } else if (document.defaultItemId === undefined) {
      return refuseItem(item, found?.isAmbiguous);
    }
  }
  const [first, ...more] = writes;
  return first && { step: "write", ...first, more };
}

/** What was found by name, so that nobody has to look for it again. */
function learned(document: QuickBooksDocument, { customer, items }: Nothing): LearnedField[] {
  const { realmId, customer: wanted } = document;
  const ofCustomer =
    wanted.id === undefined && !wanted.isMappedElsewhere && customer.id !== undefined
      ? toLearned(realmId, "customer", wanted.ourId, customer.id)
      : [];
  const ofItems = [...unmappedItems(document)].flatMap(([productId, { isMappedElsewhere }]) => {
    const id = items.get(productId)?.id;
    return id === undefined || isMappedElsewhere
      ? []
      : toLearned(realmId, "contract_product", productId, id);
  });
  return [...ofCustomer, ...ofItems];
}

function create(document: QuickBooksDocument, nothing: Nothing): Step {
  const { customer, takenNumbers } = nothing;
  if (customer.id === undefined) return makeCustomer(document, customer.refused);
  const { customerCurrency: theirs } = nothing;
  if (document.currency !== undefined && theirs !== undefined && theirs !== document.currency) {
    return refuse(
      "customer_currency_differs",
      `The invoice is in ${document.currency}, and customer ${customer.id} of QuickBooks pays in ${theirs}, which cannot be changed there. Map a customer of that currency (${CUSTOMER_FIELD}), then retry.`,
    );
  }
  const items = makeItems(document, nothing);
  if (items !== undefined) return items;
  const number = document.numbers.find((each) => !takenNumbers.includes(each));
  if (number === undefined) {
    return refuse(
      "doc_number_taken",
      `Other documents in QuickBooks have the numbers ${document.numbers.join(" and ")}. Change theirs, or the connection's doc_number_prefix; then retry.`,
    );
  }
  const itemIds = new Map(
    [...nothing.items].flatMap(([productId, { id }]) =>
      id === undefined ? [] : [[productId, id]],
    ),
  );
  const resolved: Resolved = { customerId: customer.id, itemIds };
  return {
    step: "write",
    name: "create",
    request: toCreate(document, number, resolved),
    learned: learned(document, nothing),
  };
}

/** What of the document is not as we want it, in words. */
function findDifference(wanted: QuickBooksDocument, found: SalesDocument): string | undefined {
  if (wanted.customer.id !== undefined && found.customerId !== wanted.customer.id) {
    return `it is of customer ${found.customerId} instead of ${wanted.customer.id}`;
  }
  const code = found.currency ?? wanted.homeCurrency;
  if (code !== (wanted.currency ?? wanted.homeCurrency)) {
    return `it is in ${code} instead of ${wanted.currency ?? wanted.homeCurrency}`;
  }
  const net = found.total.minus(found.tax);
  if (!net.eq(wanted.total)) {
    return `it comes to ${toText(net)} without tax instead of ${toText(wanted.total)}`;
  }
  if (found.amounts.length !== wanted.lines.length) {
    return `it has ${found.amounts.length} lines instead of ${wanted.lines.length}`;
  }
  const index = wanted.lines.findIndex(({ amount }, at) => !found.amounts[at]?.eq(amount));
  if (index < 0) return undefined;
  const [is, should] = [found.amounts[index], wanted.lines[index]?.amount];
  return `line ${index + 1} comes to ${is && toText(is)} instead of ${should && toText(should)}`;
}

/**
 * From whatever stands in the company to the next step: what the document names is found or made first, then
 * the document, in one write. One that differs is kept and reported; what was voided or deleted stays so. Pure.
 */
export function nextStep(document: QuickBooksDocument, observed: QuickBooksObserved): Step {
  if (observed.state === "none") return create(document, observed);
  if (observed.state === "deleted") {
    const { externalId } = observed;
    return { step: "done", external: { externalId, status: "DELETED", details: {} } };
  }
  const found = observed.document;
  const external = toExternalState(found, document.homeCurrency);
  if (isVoided(found)) return { step: "done", external };
  const difference = findDifference(document, found);
  if (difference === undefined) return { step: "done", external };
  const message = `The document ${found.number ?? found.id} was kept in QuickBooks as it is: ${difference}. Put it right there, then retry.`;
  return { step: "refuse", code: "provider_document_differs", message, external };
}
