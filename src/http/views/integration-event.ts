import type { IntegrationEvent } from "../../store/integration-events.ts";

/** An event as the integrations API shows it, in m3ter's shape. */
export const toIntegrationEventView = (event: IntegrationEvent) => ({
  id: event.id,
  eventName: event.name,
  eventTime: event.eventAt,
  m3terEvent: { eventName: event.name, eventTime: event.eventAt, ...event.body },
  dtActioned: event.actionedAt,
  actionedBy: event.actionedBy,
});
