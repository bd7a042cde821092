import { refuse, refuseByRule } from "../faults.ts";
import type { Books } from "./books.ts";
import { currencyOf, toCurrencyRef } from "./currency.ts";
import type { Draft, Entity, EntityName, Reference } from "./entity.ts";
import { withName } from "./names.ts";
import { referTo, resolve } from "./references.ts";

type Key = "ParentRef" | "SalesTermRef" | "IncomeAccountRef";

/** Those of its references that are checked, with the names of whom they mean. */
function withReferences(books: Books, draft: Draft, keys: Partial<Record<Key, EntityName>>): Draft {
  const named: Partial<Record<Key, Reference>> = {};
  for (const [key, name] of Object.entries(keys) as [Key, EntityName][]) {
    const reference = draft[key];
    if (reference !== undefined) named[key] = referTo(resolve(books, name, reference));
  }
  return { ...draft, ...named };
}

/** A customer's currency is for ever. */
function preparePerson(
  books: Books,
  name: EntityName,
  draft: Draft,
  before: Entity | undefined,
): Draft {
  const read = withReferences(books, draft, { ParentRef: "Customer", SalesTermRef: "Term" });
  const currency =
    draft.CurrencyRef === undefined && before?.CurrencyRef !== undefined
      ? before.CurrencyRef.value
      : currencyOf(books, draft, before, undefined);
  if (before?.CurrencyRef !== undefined && before.CurrencyRef.value !== currency) {
    return refuseByRule("The currency of a customer cannot be changed", "CurrencyRef");
  }
  return withName(books, name, { ...read, CurrencyRef: toCurrencyRef(currency) }, before);
}

/** What an item may be earned on: income, or a liability while it is not earned yet. */
const INCOME_TYPES = ["Income", "Other Income", "Other Current Liability"];

/** A category holds items and earns nothing itself. */
const prepareCategory = (books: Books, draft: Draft, before: Entity | undefined): Draft =>
  withName(books, "Item", withReferences(books, draft, { ParentRef: "Item" }), before);

function prepareItem(books: Books, draft: Draft, before: Entity | undefined): Draft {
  if (draft.Type === "Category") return prepareCategory(books, draft, before);
  for (const key of ["Type", "IncomeAccountRef"] as const) {
    if (draft[key] === undefined) {
      return refuse("2020", `Required parameter ${key} is missing in the request`, key);
    }
  }
  const read = withReferences(books, draft, { ParentRef: "Item", IncomeAccountRef: "Account" });
  const account = resolve(books, "Account", read.IncomeAccountRef ?? { value: "" });
  if (!INCOME_TYPES.includes(account.AccountType ?? "")) {
    return refuse(
      "6430",
      `Invalid account type: ${account.AccountType} is none of ${INCOME_TYPES.join(", ")}`,
      "IncomeAccountRef",
    );
  }
  return withName(books, "Item", { Taxable: false, ...read }, before);
}

const CLASSES: Readonly<Record<string, string>> = {
  Income: "Revenue",
  "Other Income": "Revenue",
  "Other Current Liability": "Liability",
  "Accounts Receivable": "Asset",
  Bank: "Asset",
  Expense: "Expense",
};

function prepareAccount(books: Books, draft: Draft, before: Entity | undefined): Draft {
  const type = draft.AccountType;
  if (type === undefined) {
    return refuse(
      "2020",
      "Required parameter AccountType is missing in the request",
      "AccountType",
    );
  }
  const Classification = CLASSES[type];
  if (Classification === undefined) {
    return refuse("2170", `${type} is none of ${Object.keys(CLASSES).join(", ")}`, "AccountType");
  }
  const read = withReferences(books, draft, { ParentRef: "Account" });
  const currency = toCurrencyRef(books.preferences.homeCurrency);
  return withName(books, "Account", { ...read, Classification, CurrencyRef: currency }, before);
}

/** One of a list as it will be kept. */
export function prepareListed(
  books: Books,
  name: "Customer" | "Vendor" | "Employee" | "Item" | "Account" | "Term",
  draft: Draft,
  before: Entity | undefined,
): Draft {
  switch (name) {
    case "Item":
      return prepareItem(books, draft, before);
    case "Account":
      return prepareAccount(books, draft, before);
    case "Term":
      return withName(books, "Term", draft, before);
    default:
      return preparePerson(books, name, draft, before);
  }
}
