const OURS = "QuickBooks does not take what we sent: report it, with Intuit's number of the call.";

/** Codes of which a person has to know what to do (Intuit docs, "Error codes"). */
const REMEDIES: Readonly<Record<string, string>> = {
  "3200": "Connect the company anew.",
  "120": "The person who connected it is no administrator any more: connect it anew as one.",
  "610":
    "What it names is not there or not active: make it active again, or correct what names it; then retry.",
  "2030": "What it names has no such id: correct what names it, then retry.",
  "2500": "The company has nothing of that id: correct what names it, then retry.",
  "620": "The customer differs from the one of a linked transaction.",
  "6000":
    "A rule of the company's books: often a tax code that is missing (the connection's tax_code_id). Entering the same document in QuickBooks tells which; mend it, then retry.",
  "6070": OURS,
  "6190": "The company's subscription has lapsed: renew it, then retry.",
  "6210":
    "The books are closed for that date: open them and retry, or let the invoice be booked by hand.",
  "6430":
    "Nothing can be earned on the account that items are made on: set income_account_id to an income account, then retry.",
  "6540": "The transaction was deposited: take the deposit back first.",
  ...Object.fromEntries(
    ["500", "2010", "2020", "2040", "2050", "2090", "2170", "4001"].map((code) => [code, OURS]),
  ),
};

/** What of ours names things of the company, by the field that names them there. */
const NAMED_BY: readonly (readonly [field: RegExp, names: string])[] = [
  [/customer/i, "qbo_customer_id (billing configuration, custom field) or an external mapping"],
  [/item/i, "an external mapping, qbo_item_id or a setting of the connection"],
];
const NAMED_ELSEWHERE = "a mapping or a setting of the connection";
/** Codes about what a document refers to. */
const REFERENCES = new Set(["610", "2030", "2500"]);

/** What Intuit says, under whichever code, where the currencies of a document are not the company's. */
const ABOUT_CURRENCY = /CurrencyRef|multi-?\s?currency/i;
const CURRENCY =
  "The company keeps other currencies than the connection says, or the customer pays in another one: set settings.multicurrency and settings.home_currency as the connection's test says, or map another customer; then retry.";

/**
 * What a person does about a code; of a reference also where it comes from. `texts` are Intuit's own words, which
 * tell what it is about and are not shown. Pure.
 */
export function remedyFor(
  code: string,
  element: string | undefined,
  texts: readonly (string | undefined)[],
): string[] {
  const remedy = REMEDIES[code];
  if (remedy === undefined) return [];
  if ([element, ...texts].some((text) => ABOUT_CURRENCY.test(text ?? ""))) return [CURRENCY];
  if (!REFERENCES.has(code)) return [remedy];
  const named = NAMED_BY.find(([field]) => field.test(element ?? ""))?.[1] ?? NAMED_ELSEWHERE;
  return [remedy, `It is named by ${named}.`];
}
