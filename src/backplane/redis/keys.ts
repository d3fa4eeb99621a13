import { Injectable } from '@nestjs/common';
import { ClusterOptions } from '../../config/sections/cluster.options.js';

/** Parts of the directory of clients: on a Redis Cluster they spread over its servers. */
export const BUCKETS = 8;

/**
 * The names of the keys. Whatever one script touches has the same tag in braces, so that a Redis Cluster keeps it on one
 * server. What is below each base is in the scripts.
 */
@Injectable()
export class Keys {
  private readonly prefix: string;
  /** Of all rooms, their members, and what each node is to hear of them. */
  readonly rooms: string;
  /** Of the signals that wait for absent clients. */
  readonly queue: string;
  /** Of the nodes and their signs of life. */
  readonly nodes: string;

  constructor({ redisPrefix }: ClusterOptions) {
    this.prefix = redisPrefix;
    this.rooms = this.base('rooms');
    this.queue = this.base('queue');
    this.nodes = this.base('nodes');
  }

  /** Of one part of the directory. */
  bucket(bucket: number): string {
    return this.base(`clients-${bucket}`);
  }

  /** Where the messages for a node arrive. */
  inbox(node: string): string {
    return `${this.base(`node-${node}`)}inbox`;
  }

  /** Where the changes in rooms for a node arrive. */
  roomChanges(node: string): string {
    return `${this.rooms}to:${node}`;
  }

  private base(tag: string): string {
    return `${this.prefix}:{${tag}}:`;
  }
}

/**
 * A name in a realm as one text. It is JSON, because what clients send need not be well-formed Unicode, and JSON has no line
 * breaks of its own.
 */
export function qualified(realm: string, id: string): string {
  return `${JSON.stringify(realm)}\n${JSON.stringify(id)}`;
}

/** What `qualified` was made of. */
export function unqualified(name: string): { readonly realm: string; readonly id: string } {
  const [realm, id] = name.split('\n').map((part) => JSON.parse(part) as string);
  return { realm, id };
}

/** In which part of the directory a client is. */
export function bucketOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return (hash >>> 0) % BUCKETS;
}
