import { SecretFile } from '../file-rules.js';
import { HttpBody, HttpHeaders, HttpUrl, OneOrMoreFiles, OneOrMoreTexts } from '../member-rules.js';
import { Members } from '../members.js';
import { IceServers, Integer } from '../rules.js';

/** A STUN or TURN server in the format of RTCIceServer. */
export interface IceServer {
  readonly urls: string | readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** An ICE server of the configuration. */
export interface ConfiguredIceServer extends IceServer {
  /** Path of a file with the credential, which takes the place of `credential` when the server starts. */
  readonly credentialFile?: string;
}

const DAY_S = 86_400;

/** A TURN server with short-lived credentials, as coturn's `use-auth-secret` checks them. */
export class TurnOptions {
  @OneOrMoreTexts({ maxItems: 100, maxLength: 260, matches: /^turns?:\S+$/i, allowed: 'a turn: or turns: URL' })
  readonly urls: readonly string[] = [];

  /** The first one signs. */
  @OneOrMoreTexts({ maxItems: 10, maxLength: 4096 })
  readonly secret: readonly string[] = [];

  @OneOrMoreFiles()
  readonly secretFile: readonly string[] = [];

  /** Seconds for which a credential is valid. */
  @Integer(60, 365 * DAY_S)
  readonly ttlS: number = 3600;
}

/** The HTTP API of a hosted TURN service. */
export class IceHttpOptions {
  @HttpUrl()
  readonly url: string = '';

  @SecretFile('url')
  readonly urlFile?: string;

  @HttpHeaders()
  readonly headers: Readonly<Record<string, string>> = {};

  /** Holds `headers` as JSON. */
  @SecretFile('headers')
  readonly headersFile?: string;

  /** A text, or an object that is sent as JSON; undefined: the request is a GET. */
  @HttpBody()
  readonly body?: string | object;

  @SecretFile('body')
  readonly bodyFile?: string;

  /** Seconds for which an answer is used. */
  @Integer(60, 365 * DAY_S)
  readonly ttlS: number = 3600;
}

/** The STUN and TURN servers that clients get. */
export class IceOptions {
  /** Undefined: those of the option `iceServers`. */
  @IceServers()
  readonly servers?: readonly ConfiguredIceServer[];

  @Members(TurnOptions)
  readonly turn?: TurnOptions;

  @Members(IceHttpOptions)
  readonly http?: IceHttpOptions;
}
