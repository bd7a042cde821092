import { type Static, Type } from "typebox";
import { instant } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";
import type { ContractFilter } from "../../operations/read-contracts.ts";
import { IdField, InstantField, ObjectField } from "./fields.ts";
import { NullableField } from "./nullable-field.ts";

const flags = {
  include_balance: Type.Optional(NullableField(Type.Boolean())),
  include_ledgers: Type.Optional(NullableField(Type.Boolean())),
};

export const GetContractBody = ObjectField(
  { customer_id: IdField(), contract_id: IdField(), ...flags },
  { unsupported: { as_of_date: null } },
);

export const ListContractsBody = ObjectField({
  customer_id: IdField(),
  include_archived: Type.Optional(NullableField(Type.Boolean())),
  starting_at: Type.Optional(NullableField(InstantField())),
  covering_date: Type.Optional(NullableField(InstantField())),
  ...flags,
});

/** The filter of a list of contracts. Throws invalid when both dates are given. */
export function fromContractFilter(body: Static<typeof ListContractsBody>): ContractFilter {
  const { starting_at: start, covering_date: covering } = body;
  if (start != null && covering != null) {
    throw invalid("Give either starting_at or covering_date", "covering_date");
  }
  return {
    customerId: body.customer_id,
    includeArchived: body.include_archived ?? false,
    startingFrom: start == null ? undefined : instant(start),
    coveringAt: covering == null ? undefined : instant(covering),
  };
}
