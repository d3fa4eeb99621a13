// `signalbox/protocol`: what a protocol of an application's own is made of.
export { Protocols, type Protocol } from '../common/protocols.js';
export { SignalboxGateway } from '../transport/signalbox-gateway.js';
