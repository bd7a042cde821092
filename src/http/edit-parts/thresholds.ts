import { Type } from "typebox";
import { addThreshold, updateThreshold } from "../../operations/edit-threshold.ts";
import type { ContractDetail } from "../../operations/load-contract-details.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import {
  BalanceThresholdField,
  fromBalanceThreshold,
  fromSpendThreshold,
  SpendThresholdField,
} from "../schemas/threshold-fields.ts";
import {
  fromThresholdUpdate,
  UpdateBalanceThresholdField,
  UpdateSpendThresholdField,
} from "../schemas/threshold-updates.ts";
import { toThresholdViews } from "../views/threshold.ts";
import { editPart } from "./edit-part.ts";

const BALANCE = "prepaid_balance_threshold_configuration";
const SPEND = "spend_threshold_configuration";

/** The threshold as the whole edit leaves it. */
const recordAs = (name: string, field: string) => (_: unknown, after: ContractDetail) => ({
  [name]: toThresholdViews(after.thresholds)[field],
});

/** Gives the contract a threshold of a kind that it does not have. */
export const addBalanceThresholdPart = editPart({
  fields: { [`add_${BALANCE}` as const]: Type.Optional(NullableField(BalanceThresholdField())) },
  toChange: ({ add_prepaid_balance_threshold_configuration: body }) =>
    body
      ? {
          apply: (scope) =>
            addThreshold(scope, fromBalanceThreshold(body, `add_${BALANCE}`), `add_${BALANCE}`),
          record: recordAs(`add_${BALANCE}`, BALANCE),
        }
      : undefined,
});

export const addSpendThresholdPart = editPart({
  fields: { [`add_${SPEND}` as const]: Type.Optional(NullableField(SpendThresholdField())) },
  toChange: ({ add_spend_threshold_configuration: body }) =>
    body
      ? {
          apply: (scope) =>
            addThreshold(scope, fromSpendThreshold(body, `add_${SPEND}`), `add_${SPEND}`),
          record: recordAs(`add_${SPEND}`, SPEND),
        }
      : undefined,
});

/** Changes what is given of the contract's threshold; switching it on evaluates it at once. */
export const updateBalanceThresholdPart = editPart({
  fields: {
    [`update_${BALANCE}` as const]: Type.Optional(NullableField(UpdateBalanceThresholdField())),
  },
  toChange: ({ update_prepaid_balance_threshold_configuration: body }) =>
    body
      ? {
          apply: (scope) =>
            updateThreshold(
              scope,
              "prepaid_balance_threshold",
              fromThresholdUpdate(body, `update_${BALANCE}`),
              `update_${BALANCE}`,
            ),
          record: recordAs(`update_${BALANCE}`, BALANCE),
        }
      : undefined,
});

export const updateSpendThresholdPart = editPart({
  fields: {
    [`update_${SPEND}` as const]: Type.Optional(NullableField(UpdateSpendThresholdField())),
  },
  toChange: ({ update_spend_threshold_configuration: body }) =>
    body
      ? {
          apply: (scope) =>
            updateThreshold(
              scope,
              "spend_threshold",
              fromThresholdUpdate(body, `update_${SPEND}`),
              `update_${SPEND}`,
            ),
          record: recordAs(`update_${SPEND}`, SPEND),
        }
      : undefined,
});
