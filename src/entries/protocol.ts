// `signalbox/protocol`: what a protocol of an application's own is made of.
export { Client, type ClientConnection } from '../clients/client.js';
export { Protocols, type Protocol } from '../common/protocols.js';
export { ClientRooms } from '../rooms/client-rooms.js';
export { PresenceService } from '../signaling/presence.service.js';
export { SignalSender } from '../signaling/signal-sender.js';
export { SignalboxGateway } from '../transport/signalbox-gateway.js';
