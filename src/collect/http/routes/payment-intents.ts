import { mergeMetadata } from "../../domain/metadata.ts";
import { refused } from "../../errors.ts";
import { cancelOwnPayment } from "../../operations/cancel-payment.ts";
import {
  confirmPayment,
  lockOwnPayment,
  type PaymentResult,
} from "../../operations/confirm-payment.ts";
import { createPayment } from "../../operations/create-payment.ts";
import { toPaymentIntent } from "../../serializers/to-payment-intent.ts";
import { commitAndRefuse, endpoint } from "../endpoint.ts";
import {
  amount,
  choice,
  currency,
  flag,
  hash,
  listOf,
  metadata,
  objectId,
  optional,
  text,
} from "../params.ts";

const onConfirm = {
  error_on_requires_action: optional(flag()),
  off_session: optional(flag()),
  payment_method: optional(objectId()),
  /** Cards are approved without leaving the page: nobody is sent anywhere. */
  return_url: optional(text(2048)),
};

const creationParams = {
  ...onConfirm,
  amount: amount({ minimum: 1 }),
  automatic_payment_methods: optional(
    hash({ enabled: flag(), allow_redirects: optional(choice("always", "never")) }),
  ),
  capture_method: optional(choice("automatic", "automatic_async")),
  confirm: optional(flag()),
  confirmation_method: optional(choice("automatic")),
  currency: currency(),
  customer: objectId(),
  description: optional(text(1000)),
  metadata: optional(metadata()),
  payment_method_types: optional(listOf(choice("card"))),
};

const answer = ({ intent, refusal }: PaymentResult) =>
  refusal === undefined ? toPaymentIntent(intent) : commitAndRefuse(refusal);

/** Without the payer a payment that asks for them fails; callers may also ask for that. */
const isOffSession = (params: {
  off_session?: boolean | undefined;
  error_on_requires_action?: boolean | undefined;
}): boolean => params.off_session === true || params.error_on_requires_action === true;

export const paymentIntentEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/payment_intents",
    params: creationParams,
    returns: "payment_intent",
    handler: async ({ scope, params }) => {
      const confirm = params.confirm ?? false;
      const early = (["off_session", "error_on_requires_action"] as const).find(
        (name) => params[name] !== undefined && !confirm,
      );
      if (early !== undefined) {
        throw refused(
          "parameter_missing",
          `The parameter ${early} can only be used when confirm is true.`,
          early,
        );
      }
      const methods = params.automatic_payment_methods;
      return answer(
        await createPayment(scope, {
          customer: params.customer,
          amountMinor: params.amount,
          currency: params.currency,
          paymentMethod: params.payment_method,
          description: params.description,
          metadata: mergeMetadata({}, params.metadata),
          automaticPaymentMethods: methods && {
            enabled: methods.enabled,
            allow_redirects: methods.allow_redirects ?? "always",
          },
          confirm,
          offSession: isOffSession(params),
        }),
      );
    },
  }),
  endpoint({
    method: "POST",
    path: "/v1/payment_intents/:intent/confirm",
    params: onConfirm,
    returns: "payment_intent",
    handler: async ({ scope, path, params }) => {
      const intent = await lockOwnPayment(scope, path.intent);
      return answer(
        await confirmPayment(scope, intent, {
          paymentMethod: params.payment_method,
          offSession: isOffSession(params),
        }),
      );
    },
  }),
  endpoint({
    method: "POST",
    path: "/v1/payment_intents/:intent/cancel",
    params: {
      cancellation_reason: optional(
        choice("duplicate", "fraudulent", "requested_by_customer", "abandoned"),
      ),
    },
    returns: "payment_intent",
    handler: async ({ scope, path, params }) =>
      toPaymentIntent(
        await cancelOwnPayment(scope, path.intent, params.cancellation_reason ?? null),
      ),
  }),
];
