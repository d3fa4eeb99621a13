import { fitTiles } from './layout.js';

const PEER_STATE = {
  new: 'connecting…',
  connecting: 'connecting…',
  connected: 'connected',
  disconnected: 'interrupted…',
  failed: 'no direct path',
  closed: 'closed',
};

const tiles = document.getElementById('tiles');
const template = document.getElementById('tile').content.firstElementChild;
const silenced = new Set(); // videos whose sound the browser holds back

fitTiles(tiles.parentElement, tiles);

/** Shows the tile of the member with this id. Without an id it is the own tile, which is muted and mirrored. */
export function addTile(name, id) {
  const tile = template.cloneNode(true);
  if (id) tile.dataset.peer = id;
  else tile.classList.add('own');
  const video = tile.querySelector('video');
  video.muted = !id;
  video.onresize = () => tile.classList.toggle('has-video', video.videoWidth > 0);
  tile.querySelector('.name').textContent = name;
  tile.querySelector('.avatar').textContent = id ? name.slice(0, 2) : name;
  document.getElementById('alone').before(tile);
  return tile;
}

export function showPeerState(tile, peer) {
  tile.dataset.connection = peer.connectionState;
  tile.dataset.channel = peer.channelState;
  tile.querySelector('.state').textContent = PEER_STATE[peer.connectionState];
}

/** Plays a stream in a tile. Calls `onSilenced()` if the browser blocks the sound; `letSound` unblocks it. */
export async function play(tile, stream, onSilenced) {
  const video = tile.querySelector('video');
  if (video.srcObject === stream) return;
  video.srcObject = stream;
  try {
    await video.play();
  } catch (error) {
    if (error.name !== 'NotAllowedError') return; // the tile is gone already
    // Browsers hold back sound until the person has clicked on the page or shares a microphone; the picture they allow.
    video.muted = true;
    void video.play();
    silenced.add(video);
    onSilenced();
  }
}

export function letSound() {
  for (const video of silenced) video.muted = false;
  silenced.clear();
}
