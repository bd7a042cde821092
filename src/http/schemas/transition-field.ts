import { type Static, Type } from "typebox";
import type { Transition } from "../../domain/contracts/transition.ts";
import { EnumField, IdField, ObjectField } from "./fields.ts";
import { NullableField } from "./nullable-field.ts";

/** The contract that a new one follows, and what becomes of it. */
export const TransitionField = ObjectField({
  type: EnumField(["RENEWAL", "SUPERSEDE"]),
  from_contract_id: IdField(),
  future_invoice_behavior: Type.Optional(
    NullableField(
      ObjectField({ trueup: Type.Optional(NullableField(EnumField(["AS_IS", "REMOVE"]))) }),
    ),
  ),
});

/** A transition as operations take it. */
export const fromTransition = (
  body: Static<typeof TransitionField> | null | undefined,
): Transition | undefined =>
  body
    ? {
        type: body.type,
        fromContractId: body.from_contract_id,
        trueUps: body.future_invoice_behavior?.trueup ?? "AS_IS",
      }
    : undefined;
