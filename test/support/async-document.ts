import { Ajv, type ValidateFunction } from 'ajv';
import { DESCRIBED_PROTOCOLS, describedProtocol } from '../../src/asyncapi.js';
import { type AsyncDocument, asyncDocument, type DescribedProtocol } from '../../src/asyncapi/async-document.js';
import type { JsonSchema } from '../../src/common/json-schema.js';

export interface AsyncMessage {
  readonly name: string;
  readonly summary: string;
  readonly payload: JsonSchema;
  readonly examples: readonly { readonly payload: object }[];
  readonly 'x-socket.io-event'?: string;
}

export interface AsyncOperation {
  readonly action: 'receive' | 'send';
  readonly title: string;
  readonly summary: string;
  readonly messages: readonly { readonly $ref: string }[];
  readonly reply?: { readonly messages: readonly { readonly $ref: string }[] };
}

/** Creates the document of all protocols with the default options, as clients get it: in JSON. */
export async function createAsyncDocument(): Promise<AsyncDocument> {
  const protocols: DescribedProtocol[] = [];
  for (const name of DESCRIBED_PROTOCOLS) protocols.push(await describedProtocol(name));
  const document = asyncDocument(protocols, { version: '1.0.0', port: 9000, isTls: false, basePath: '' });
  return JSON.parse(JSON.stringify(document)) as AsyncDocument;
}

/** Validates messages against the schemas of a document. */
export class AsyncSchemas {
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(readonly document: AsyncDocument) {
    // Formats are annotations.
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    for (const [id, { payload }] of Object.entries(this.messages)) this.validators.set(id, ajv.compile(payload));
  }

  /** The messages by their ids, such as `peerjs.receive.OFFER`. */
  get messages(): Readonly<Record<string, AsyncMessage>> {
    return this.document.components.messages as Readonly<Record<string, AsyncMessage>>;
  }

  /** Returns what is wrong with a message. */
  faultsOf(id: string, message: unknown): string[] {
    const validate = this.validators.get(id);
    if (!validate) return [`the document has no ${id}`];
    if (validate(message)) return [];
    return (validate.errors ?? []).map(({ instancePath, message: fault }) => `${id}${instancePath} ${fault}`);
  }
}
