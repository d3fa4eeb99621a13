import { IsString } from 'class-validator';
import type { RawJson } from 'signalbox/protocol';

/** The protocol's name in logs, metrics and the admin API. */
export const Y_WEBRTC = 'y-webrtc';

/** Topics are rooms of this realm: clients of other protocols do not meet those of y-webrtc. */
export const REALM = 'y-webrtc';

/** The values of `type`. */
export enum YType {
  Subscribe = 'subscribe',
  Unsubscribe = 'unsubscribe',
  Publish = 'publish',
  Ping = 'ping',
}

/** `subscribe`, `unsubscribe` */
export class TopicsRequest {
  @IsString({ each: true })
  readonly topics!: string[];
}

/** `publish` */
export class PublishRequest {
  @IsString()
  readonly topic!: string;

  /** The whole frame, which all subscribers get. */
  readonly frame!: RawJson;
}

/** `ping` */
export class PingRequest {}
