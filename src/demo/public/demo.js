import { openMedia } from './media.js';
import { Peer } from './peer.js';
import { SignalingClient } from './signaling.js';
import { addTile, letSound, play, showPeerState } from './tiles.js';

const MAX_CHAT_ENTRIES = 200;
const MAX_TEXT_LENGTH = 2000;
const STATUS = {
  connecting: 'connecting…',
  joined: 'connected',
  reconnecting: 'reconnecting…',
  failed: 'disconnected',
};

const element = (id) => document.getElementById(id);
const shortName = (id) => id.slice(0, 5);

const parameters = new URLSearchParams(location.search);
// Without `?ice=stun:host:port`, no ICE server is used: inside one network none is needed, and its operator would learn who
// talks here.
const iceServers = parameters.getAll('ice').map((urls) => ({ urls }));
// A realm may ask for a token. Behind `#` it stays in the browser, and out of the links to this room.
const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined;

const peers = new Map(); // id -> { peer, tile }
let signaling;
let ownId = '';
let ownTile;
let ownStream;
let mediaAsked = false;
let soundHint;
let countdown;

// --- the room -------------------------------------------------------------------------------------------------------------

function enter(room) {
  parameters.set('room', room);
  history.replaceState(null, '', `?${parameters}${location.hash}`);
  document.title = `${room} – Signalbox demo`;
  element('room-title').textContent = room;
  for (const id of ['room-title', 'share', 'call']) element(id).hidden = false;
  element('lobby').hidden = true;
  ownTile = addTile('You');
  showState('connecting');

  try {
    new RTCPeerConnection({ iceServers }).close();
  } catch (error) {
    return showState('failed', `This browser cannot make a WebRTC connection: ${error.message}`);
  }
  if (!document.body.dataset.signaling) return showState('failed', noPath());
  signaling = new SignalingClient(serverUrl(), room, {
    token,
    onState: showState,
    onRetry: showRetry,
    onId: startAnew,
    onMembers: meet,
    onSignal: (from, event, data) => peers.get(from).peer.receive(event, data),
  });
}

/** The server's WebSocket: relative to this page, so that it is found below the path of a proxy, too. */
function serverUrl() {
  const url = new URL(document.body.dataset.signaling, location);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

function noPath() {
  const realm = parameters.get('realm');
  return realm === null
    ? 'This page cannot connect: no realm of this server has a connectorPath.'
    : `This page cannot connect: this server has no realm ${realm} with a connectorPath.`;
}

function startAnew(id) {
  // Members know us by our id. With a new one, connections made under the old one are void.
  meet([]);
  ownId = document.body.dataset.id = id;
  ownTile.querySelector('.state').textContent = shortName(id);
}

function meet(members) {
  for (const id of [...peers.keys()].filter((id) => !members.includes(id))) removePeer(id);
  for (const id of members.filter((id) => !peers.has(id))) addPeer(id);
}

function addPeer(id) {
  const tile = addTile(shortName(id), id);
  const peer = new Peer({
    polite: ownId < id,
    iceServers,
    onSignal: (event, data) => signaling.send(id, event, data),
    onChange: () => showPeerState(tile, peer),
    onText: (text) => addChatEntry(id, text),
    onStream: (stream) => play(tile, stream, showSoundHint),
  });
  peers.set(id, { peer, tile });
  showPeerState(tile, peer);
  if (ownStream) peer.addStream(ownStream);
}

function removePeer(id) {
  const { peer, tile } = peers.get(id);
  peers.delete(id);
  peer.close();
  tile.remove();
}

function showState(state, reason) {
  document.body.dataset.state = state;
  element('status').textContent = STATUS[state];
  if (state === 'joined' && !mediaAsked) void shareMedia();
  if (state === 'failed') {
    meet([]);
    ownStream?.getTracks().forEach((track) => track.stop());
    addNotice(reason);
  }
}

/** Displays the seconds until the next attempt to connect, which the user may trigger earlier. */
function showRetry(delayMs) {
  clearInterval(countdown);
  element('retry').hidden = delayMs === undefined;
  if (delayMs === undefined) return;
  const at = performance.now() + delayMs;
  const show = () =>
    (element('countdown').textContent = `in ${Math.max(1, Math.ceil((at - performance.now()) / 1000))} s`);
  show();
  countdown = setInterval(show, 250);
}

// --- camera and microphone ------------------------------------------------------------------------------------------------

async function shareMedia() {
  mediaAsked = true;
  const { stream, problem } = await openMedia();
  if (problem) addNotice(problem);
  if (!stream) return;
  ownStream = stream;
  hearAll();
  void play(ownTile, stream);
  for (const { peer } of peers.values()) peer.addStream(stream);
  offerToggle(element('toggle-audio'), stream.getAudioTracks()[0], 'Mute', 'Unmute');
  offerToggle(element('toggle-video'), stream.getVideoTracks()[0], 'Camera off', 'Camera on');
}

function offerToggle(button, track, offText, onText) {
  if (!track) return;
  button.disabled = false;
  button.onclick = () => {
    track.enabled = !track.enabled;
    button.textContent = track.enabled ? offText : onText;
    if (track.kind === 'video') ownTile.classList.toggle('camera-off', !track.enabled);
  };
}

function showSoundHint() {
  soundHint = addNotice('Click anywhere on the page to hear the others.');
}

function hearAll() {
  letSound();
  soundHint?.remove();
}

// --- chat, notices, link --------------------------------------------------------------------------------------------------

function addChatEntry(from, text) {
  const name = document.createElement('b');
  name.textContent = from === ownId ? 'You' : shortName(from);
  const entry = document.createElement('li');
  entry.dataset.from = from;
  entry.append(name, ' ', text.slice(0, MAX_TEXT_LENGTH));
  const log = element('chat-log');
  log.append(entry);
  if (log.childElementCount > MAX_CHAT_ENTRIES) log.firstElementChild.remove();
  log.scrollTop = log.scrollHeight;
  return entry;
}

function say(text) {
  const reached = [...peers.values()].filter(({ peer }) => peer.say(text));
  const entry = addChatEntry(ownId, text);
  if (reached.length === 0) entry.classList.add('unheard');
}

function addNotice(text) {
  const known = [...element('notice').children].find((notice) => notice.firstChild.textContent === text);
  if (known) return known;
  const dismiss = document.createElement('button');
  dismiss.type = 'button';
  dismiss.textContent = '✕';
  dismiss.ariaLabel = 'Dismiss';
  dismiss.onclick = () => notice.remove();
  const notice = document.createElement('p');
  notice.append(text, dismiss);
  element('notice').append(notice);
  return notice;
}

async function copyLink() {
  const button = element('copy-link');
  const url = location.href.replace(/#.*/, '');
  try {
    await navigator.clipboard.writeText(url);
    button.textContent = 'Link copied';
    setTimeout(() => (button.textContent = 'Copy link'), 2000);
  } catch {
    // There is no clipboard on insecure origins: show the link, marked, for the person to copy.
    const link = element('link');
    link.value = url;
    link.hidden = false;
    link.select();
  }
}

/** Generates twelve characters of 32, 60 bits: not guessable. */
function generateRoomName() {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  const name = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => letters[byte % letters.length]).join(
    '',
  );
  return name.match(/.{4}/g).join('-');
}

// --- the page -------------------------------------------------------------------------------------------------------------

document.addEventListener('click', hearAll);
element('retry-now').onclick = () => signaling.reconnect();
element('copy-link').onclick = copyLink;
element('generate').onclick = () => (element('room-name').value = generateRoomName());
element('room-form').onsubmit = (event) => {
  event.preventDefault();
  const room = element('room-name').value.trim();
  if (!room) return;
  enter(room);
  element('call').focus(); // the form that had the focus is gone
};
element('chat-form').onsubmit = (event) => {
  event.preventDefault();
  const text = element('chat-text').value.trim();
  if (text) say(text);
  element('chat-text').value = '';
};
// A page that the browser keeps for its back button must leave the room too, and starts anew when it is shown again.
window.addEventListener('pagehide', () => signaling?.close());
window.addEventListener('hashchange', () => location.reload()); // another token
window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload());

const room = parameters.get('room')?.trim();
if (room) enter(room);
else element('lobby').hidden = false;
