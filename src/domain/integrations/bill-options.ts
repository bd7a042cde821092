import type { IntegrationOptions } from "./integration-options.ts";
import { LINE_ITEM_TYPES, LOWERING_LINE_ITEM_TYPES } from "./line-item-type.ts";
import { choiceOption, choicesOption, flagOption, idsOption, textOption } from "./option-field.ts";

export const MAX_FILTER_LENGTH = 2000;

/** "STANDING_CHARGE" -> "Standing charge" */
const inWords = (id: string): string =>
  `${id.charAt(0)}${id.slice(1).toLowerCase().replaceAll("_", " ")}`;

/** What every integration has, whatever it sends and wherever to (docs/integrations.md). */
export const GLOBAL_OPTIONS = {
  accountIds: idsOption(
    {
      label: "Account Ids",
      description: "Only these accounts. None chosen: all of them.",
    },
    "accounts",
  ),
  restrictedAccountIds: idsOption(
    {
      label: "Restricted Account Ids",
      description: "Never these accounts, also when they are chosen above.",
    },
    "accounts",
  ),
  disabledNotificationUserIds: idsOption(
    {
      label: "Integration Disabled Notification Users",
      description: "Who gets a mail when the integration is disabled after repeated errors.",
    },
    "users",
  ),
};

/** What an integration of bills has, wherever it sends them. */
export const BILL_OPTIONS = {
  onlySendBillOnApproval: flagOption(
    {
      label: "Only Send Bill On Approval",
      description: "On: a bill is sent when it is approved. Off: each time its content changes.",
    },
    false,
  ),
  useExternalMappingAccountCode: flagOption(
    {
      label: "Use External Mapping Account Code",
      description:
        "On: the payer is found by the account's external mapping. Off: by the account's id.",
    },
    false,
  ),
  excludedLineItemTypes: choicesOption(
    {
      label: "Excluded Line Item Types",
      description: "Lines of these types are left out of what is sent.",
    },
    LINE_ITEM_TYPES.map((id) => ({ id, label: inWords(id) })),
  ),
  sortLineItemsBy: choiceOption(
    { label: "Sort Line Items By", description: "The order in which lines are sent." },
    [
      { id: "NONE", label: "None" },
      { id: "SUBTOTAL", label: "Subtotal" },
      { id: "AGGREGATION_ID", label: "Aggregation ID" },
    ],
  ),
  accountFilter: textOption(
    {
      label: "Account Filter",
      description: "An expression over the account; its bills are sent only where it holds.",
    },
    { maxLength: MAX_FILTER_LENGTH, type: "EXPRESSION" },
  ),
};

/** So many accounts are warned of by their ids. */
const SHOWN_ACCOUNTS = 5;

/** What somebody who saves these options should know, in plain words. */
export function warnOfOptions(options: Omit<IntegrationOptions, "destination">): string[] {
  const { accountIds, restrictedAccountIds, excludedLineItemTypes } = options;
  const restricted = new Set(restrictedAccountIds);
  const both = accountIds.filter((id) => restricted.has(id));
  const lowering = LOWERING_LINE_ITEM_TYPES.filter((type) => excludedLineItemTypes.includes(type));
  return [
    ...both
      .slice(0, SHOWN_ACCOUNTS)
      .map((id) => `Account ${id} is both selected and restricted: nothing of it is sent`),
    ...(both.length > SHOWN_ACCOUNTS
      ? [`So are ${both.length - SHOWN_ACCOUNTS} more accounts`]
      : []),
    ...lowering.map(
      (type) => `Lines of type ${type} are left out, so the customer pays more than the bill says`,
    ),
  ];
}
