/* global document, location */
// A text area whose text all pages with the same fragment share.
import { WebrtcProvider } from 'y-webrtc';
import * as Y from 'yjs';

const room = location.hash.slice(1) || 'example';
const doc = new Y.Doc();
const text = doc.getText('text');
const provider = new WebrtcProvider(room, doc, {
  signaling: [`${location.origin.replace('http', 'ws')}/y-webrtc`],
  // Without ICE servers, pages find each other in one network only.
  peerOpts: { config: { iceServers: [] } },
});

const area = document.querySelector('textarea');
area.addEventListener('input', () => {
  doc.transact(() => {
    text.delete(0, text.length);
    text.insert(0, area.value);
  });
});
text.observe(() => {
  area.value = text.toString();
});
provider.on('peers', ({ webrtcPeers }) => {
  document.querySelector('output').value = String(webrtcPeers.length);
});
