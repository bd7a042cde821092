import type { NamedRequest } from "../delivery-step.ts";
import type { QuickBooksDocument } from "./document.ts";
import { toCreate, toCreateCustomer, toCreateItem } from "./to-requests.ts";

const CUSTOMER = "{customer.id}";
/** With the product of ours that the item is for. */
const itemPlaceholder = (productId: string): string => `{item.${productId}.id}`;

/**
 * The writes of a first delivery: the customer and the items that nothing maps, as they are made where the
 * company has none of their name, and the document. Pure.
 */
export function rehearse(document: QuickBooksDocument): NamedRequest[] {
  const { customer, createCustomers, incomeAccountId, defaultItemId, lines } = document;
  const requests: NamedRequest[] = [];
  if (customer.id === undefined && createCustomers) {
    requests.push({ name: "customer", request: toCreateCustomer(document, customer.name) });
  }
  const itemIds = new Map<string, string>();
  for (const { item } of lines) {
    if (item.id !== undefined || itemIds.has(item.productId)) continue;
    const isMade = incomeAccountId !== undefined;
    if (isMade || defaultItemId === undefined) {
      itemIds.set(item.productId, itemPlaceholder(item.productId));
    }
    if (isMade) {
      const request = toCreateItem(document, item.name, incomeAccountId);
      requests.push({ name: `item-${item.productId}`, request });
    }
  }
  const resolved = { customerId: customer.id ?? CUSTOMER, itemIds };
  const request = toCreate(document, document.numbers[0], resolved);
  return [...requests, { name: "create", request }];
}
