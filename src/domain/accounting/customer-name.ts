import { cut } from "../cut.ts";
import { isFormula } from "../spreadsheet-text.ts";
import type { AccountingFormat } from "./accounting-format.ts";

/** The custom field of a customer that holds its name there, where it is another one. */
export const CUSTOMER_FIELD = "accounting_name";

/** Who an invoice is for. */
export interface NamedCustomer {
  /** Of the invoice. */
  readonly id: string;
  readonly customer: string;
  /** What the customer is called there; null: the same. */
  readonly accountingName: string | null;
}

export type FoundName =
  | { readonly outcome: "found"; readonly name: string }
  | { readonly outcome: "refuse"; readonly message: string };

const SHOWN = 40;
const shown = (name: string): string =>
  JSON.stringify(name.length <= SHOWN ? name : `${cut(name, SHOWN)}...`);

/** What stands in the way of a name; undefined: nothing does. */
function findObstacle(
  name: string,
  isOurs: boolean,
  { title, customerNames }: AccountingFormat,
): string | undefined {
  if (name === "") return "has no name";
  if (isFormula(name)) return "has a name that a spreadsheet would run";
  if (customerNames === null) return undefined;
  const { maxCharacters, parting } = customerNames;
  if (name.length > maxCharacters) {
    return `has a name of ${name.length} characters, and ${title} takes ${maxCharacters}`;
  }
  if (isOurs && name.includes(parting)) {
    return `has ${JSON.stringify(parting)} in its name, and ${title} would read two customers`;
  }
  return undefined;
}

/**
 * What a customer is called there. A name that would be cut, changed or read as something else is refused: the
 * document would go to another customer. Pure.
 */
export function findCustomerName(
  { id, customer, accountingName }: NamedCustomer,
  format: AccountingFormat,
): FoundName {
  const given = accountingName?.trim() ?? "";
  const name = given === "" ? customer.trim() : given;
  const obstacle = findObstacle(name, given === "", format);
  return obstacle === undefined
    ? { outcome: "found", name }
    : {
        outcome: "refuse",
        message: `The customer of invoice ${id}, ${shown(name)}, ${obstacle}: say in its custom field ${CUSTOMER_FIELD} what it is called there`,
      };
}
