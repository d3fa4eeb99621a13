import type { Signal } from '../../common/signal.js';
import { EASYRTC } from './easyrtc.messages.js';

/** The target of an `easyrtcMsg`. */
export interface MessageTarget {
  readonly targetEasyrtcid?: string;
  readonly targetRoom?: string;
  readonly targetGroup?: string;
}

/** Returns the `Signal.native` of a message: the members that only EasyRTC has. */
export function nativeMembers(msgType: string, target: MessageTarget = {}): Signal['native'] {
  const { targetEasyrtcid, targetRoom, targetGroup } = target;
  const text = JSON.stringify({ targetEasyrtcid, targetRoom, targetGroup, msgType });
  return { protocol: EASYRTC, text: text.slice(1, -1) };
}
