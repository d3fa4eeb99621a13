import { WebSocketGateway } from '@nestjs/websockets';
import type { EndpointContext } from './endpoint/endpoint-context.js';

/** A class of endpoints: what a gateway of our own gets in the place of a server. */
export type EndpointClass = new (protocol: string, context: EndpointContext) => object;

/**
 * Marks the gateway of a protocol of our own. Clients connect at the path of the gateway's admission.
 * @param over the endpoint of a protocol that plain WebSockets do not carry
 */
export function SignalboxGateway(protocol: string, over?: EndpointClass): ClassDecorator {
  // Nest shares one server among the gateways of one path. The name as the path gives each protocol an endpoint of its
  // own.
  return WebSocketGateway({ protocol, path: protocol, over });
}
