type Row = Readonly<Record<string, unknown>>;

/** What a line can name: a category only holds items, and a bundle is entered as its parts (Intuit docs, "Item"). */
const SOLD = ["Service", "NonInventory", "Inventory"];

/** The condition of a query for such items. */
export const IS_SOLD = `Type in (${SOLD.map((type) => `'${type}'`).join(", ")})`;

/** Whether lines can name it; an item that does not say what it is may be one. */
export const isSold = ({ Type: type }: Row): boolean =>
  typeof type !== "string" || SOLD.includes(type);

const isOwn = ({ Name: name, FullyQualifiedName: whole }: Row): boolean =>
  whole === undefined || String(whole).toLowerCase() === String(name).toLowerCase();

/**
 * Which of the company's items of one name is meant: the one that stands by itself, else the only one. Items below
 * others may share a name, and nothing says then which: "several". undefined: there is none. Pure.
 */
export function chooseItem(items: readonly Row[]): Row | "several" | undefined {
  const sold = items.filter(isSold);
  const own = sold.find(isOwn);
  if (own !== undefined || sold.length < 2) return own ?? sold[0];
  return "several";
}
