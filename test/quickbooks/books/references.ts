import { refuse } from "../faults.ts";
import { type Books, find } from "./books.ts";
import type { Entity, EntityName, Reference } from "./entity.ts";

const KINDS: Partial<Record<EntityName, string>> = {
  Customer: "Names",
  Item: "Items",
  Account: "Accounts",
  Term: "Terms",
  TaxCode: "Tax Code",
};

export const nameOf = (entity: Entity): string => entity.DisplayName ?? entity.Name ?? "";

/** Whom a reference means. Who is not there is a bad reference, who is inactive is not found. */
export function resolve(books: Books, name: EntityName, reference: Reference): Entity {
  const found = find(books, name, reference.value);
  if (found === undefined) {
    return refuse(
      "2500",
      `Invalid Reference Id : ${KINDS[name] ?? name} element id ${reference.value} not found`,
      `${name}Ref`,
    );
  }
  if (found.Active === false) {
    return refuse(
      "610",
      "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees.",
      `${name}Ref`,
    );
  }
  return found;
}

/** The reference as it is answered, with the name of whom it means. */
export const referTo = (entity: Entity): Reference => ({ value: entity.Id, name: nameOf(entity) });
